"""Which filters hold for a search, and for whom they do not. Pure."""

from collections.abc import Sequence

from hhperf.search.countries import country_in
from hhperf.search.model import Filters, Fused, SearchRequest
from hhperf.search.settings import Settings


def filters_in_force(request: SearchRequest, settings: Settings) -> Filters:
    """The request's filters, with the country of its job description where it asks for none.

    As deployed, seniority levels are taken and filter nobody.
    """
    filters = request.filters
    changes: dict[str, tuple[str, ...]] = {}
    if not filters.countries and (country := country_in(request.job_description)):
        changes["countries"] = (country,)
    if settings.search_as_deployed and filters.seniority_levels:
        changes["seniority_levels"] = ()
    return filters.model_copy(update=changes) if changes else filters


def spared(fused: Sequence[Fused], settings: Settings) -> list[bool]:
    """For each candidate whether no filter holds: by default for nobody."""
    least = settings.search_min_similarity
    spare = settings.filters_spare_the_similar
    return [spare and each.vector_score >= least for each in fused]
