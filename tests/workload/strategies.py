"""Query logs that Hypothesis draws."""

from typing import Any

from hypothesis import strategies as st

from hhperf.workload.query_log import LoggedRequest

words = st.text(min_size=1, max_size=30).filter(lambda text: bool(text.strip()))
names = st.lists(words, max_size=3)
filters = st.fixed_dictionaries(
    {},
    optional={
        "skills": names,
        "countries": names,
        "minExperienceYears": st.integers(0, 60),
        "metadata": st.dictionaries(words, words, max_size=2),
    },
)
bodies: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"query": words},
    optional={
        "jobDescription": words,
        "limit": st.integers(1, 200),
        "offset": st.integers(0, 200),
        "includeDebug": st.booleans(),
        "roleType": st.sampled_from(["executive", "manager", "ic"]),
        "filters": filters,
        "embedding": st.lists(st.floats(-1, 1), min_size=8, max_size=10),
    },
)
offsets = st.floats(0, 1e6)


@st.composite
def request_lists(draw: st.DrawFn) -> list[LoggedRequest]:
    """One to six requests in time order, with different ids."""
    ids = draw(st.lists(words, min_size=1, max_size=6, unique=True))
    times = sorted(draw(st.lists(offsets, min_size=len(ids), max_size=len(ids))))
    return [
        LoggedRequest(name, time, draw(words), draw(st.none() | words), draw(bodies))
        for name, time in zip(ids, times, strict=True)
    ]
