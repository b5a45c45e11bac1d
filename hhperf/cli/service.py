"""`hhperf serve` and `hhperf doctor`."""

from typing import Annotated

import typer

from hhperf.cli.options import Candidates
from hhperf.cli.screen import output
from hhperf.experiment.latency_profiles import load_profile
from hhperf.search.arms import deployed_arm
from hhperf.search.service import serve as serve_arm
from hhperf.search.settings import Settings
from hhperf.show.card import Table
from hhperf.stack.doctor import diagnose
from hhperf.stack.made_of import DEFAULT_CANDIDATES, Corpus
from hhperf.stack.stack import Stack


def serve(
    arm: Annotated[
        str | None,
        typer.Option(help="The schedule; by default ENABLE_PARALLEL_PRE_SEARCH decides."),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The port; 0 takes a free one.")
    ] = 8080,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    profile: Annotated[
        str, typer.Option(help="A latency profile: a name or a .toml file.")
    ] = "local",
    candidates: Candidates = DEFAULT_CANDIDATES,
) -> None:
    """Serve POST /v1/search/hybrid, so that any load tool can drive an arm."""
    latency = load_profile(profile)
    with Stack(corpus=Corpus(candidates)) as stack:
        name = arm or deployed_arm(stack.settings)
        serve_arm(name, _own_keys(stack.settings, name), stack.endpoints, latency, port, host)


def _own_keys(settings: Settings, arm: str) -> Settings:
    """Two arms served over one Redis would answer from each other's cache."""
    return settings.model_copy(
        update={"search_redis_prefix": f"{settings.search_redis_prefix}:{arm}"}
    )


def doctor() -> None:
    """Say what is wrong, and how to mend it."""
    findings = diagnose()
    rows = tuple(
        ("ok" if each.ok else "WRONG", each.check, each.message, "" if each.ok else each.remedy)
        for each in findings
    )
    output.print(Table("Doctor", ("", "check", "found", "remedy"), rows, numeric=False))
    if not all(each.ok for each in findings):
        raise typer.Exit(1)
