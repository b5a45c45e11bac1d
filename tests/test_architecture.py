"""The one-way road: which room may import which, and no circle anywhere."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

from tests.house import BEGIN, END, PAGE, SHOWS, imports, rooms, table

ALLOWED = {
    "errors": set(),
    "shown": set(),
    "pseudonyms": set(),
    "interrupts": {"errors"},
    "long_work": {"errors", "interrupts"},
    "masking": set(),
    "telemetry": set(),
    "__main__": {"cli"},
    "analysis": {"errors", "shown"},
    "search": {"errors", "masking", "telemetry"},
    "workload": {"errors", "pseudonyms", "search", "shown"},
    "runs": {"errors", "masking", "pseudonyms", "shown"},
    "stack": {"errors", "interrupts", "long_work", "masking", "search", "shown", "workload"},
    "harness": {
        "analysis", "errors", "interrupts", "long_work", "masking", "runs", "shown", "telemetry",
        "workload",
    },
    "verdict": {"analysis", "errors", "harness", "runs", "shown"},
    "why": {"errors", "runs", "search", "shown"},
    "forecast": {"analysis", "errors", "runs", "search", "shown", "why"},
    "traces": {"analysis", "errors", "forecast", "runs", "shown"},
    "experiment": {
        "analysis", "errors", "harness", "long_work", "runs", "search", "shown", "stack", "verdict",
        "workload",
    },
    "show": {
        "analysis", "errors", "experiment", "forecast", "harness", "runs", "search", "shown",
        "stack", "traces", "verdict", "why", "workload",
    },
    "pytest_plugin": {"errors", "experiment", "harness", "runs", "show"},
    "cli": {
        "analysis", "errors", "experiment", "forecast", "harness", "interrupts", "long_work",
        "masking", "pseudonyms", "runs", "search", "show", "shown", "stack", "traces", "verdict",
        "why", "workload",
    },
}  # fmt: skip
"""Each room with the rooms it may import, itself aside."""


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    """Nothing downstream is reached back for."""
    assert rooms()[room] - ALLOWED[room] == set()


def test_every_room_is_known() -> None:
    """A new room is given its place on the road."""
    assert set(rooms()) == set(ALLOWED)


def test_no_module_imports_itself_by_a_detour() -> None:
    """Neither within a room nor between rooms."""
    packages = {"hhperf", *(f"hhperf.{room}" for room in ALLOWED)}
    graph = {each: found - packages for each, found in imports().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_check_sees_what_it_forbids() -> None:
    """An import within a function is seen: the one that is allowed is one."""
    graph = grimp.build_graph("hhperf", cache_dir=None)
    assert graph.direct_import_exists(importer=SHOWS[0], imported=SHOWS[1])


def test_the_page_shows_the_house_as_it_is() -> None:
    """`make house` was run after the last change of rooms or of their purpose."""
    shown = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert shown == table()
