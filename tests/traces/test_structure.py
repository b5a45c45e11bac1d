"""What traces show of an operation, and no more."""

from pathlib import Path

from opentelemetry.proto.trace.v1.trace_pb2 import Status

from hhperf.traces.structure import Structure, learn_structure
from tests.traces.made import call, imported, message, span

SEQUENCE = (("embed", 1, 10), ("look up", 10.3, 20), ("rank", 21, 30))
OVERLAP = (("embed", 1, 10), ("look up", 10.5, 22), ("rank", 21, 30))


def learnt(folder: Path) -> Structure:
    """Of four calls: in one two steps overlap, in one a step is missing, in one it is retried."""
    retried = call(4, (("embed", 1, 5), ("embed", 6, 10), ("look up", 10.4, 20)), 40.0)
    retried[1].status.code = Status.STATUS_CODE_ERROR
    spans = [
        *call(1, SEQUENCE, 40.0),
        *call(2, OVERLAP, 40.0),
        *call(3, SEQUENCE[:2], 40.0),
        *retried,
    ]
    return learn_structure(imported(folder, message(spans)))


def test_steps_are_told_with_how_often_they_are(tmp_path: Path) -> None:
    """In the order in which they begin; a retry is one that comes after a failure."""
    found = learnt(tmp_path)
    assert [(step.name, step.calls, step.retries) for step in found.steps] == [
        ("embed", 4, 0),
        ("embed #2", 1, 1),
        ("look up", 4, 0),
        ("rank", 2, 0),
    ]
    assert [step.is_optional for step in found.steps] == [False, True, False, True]


def test_pairs_that_never_overlapped_are_undecided(tmp_path: Path) -> None:
    """They may depend on each other or may just be written one after the other."""
    structure = learnt(tmp_path)
    found = {(pair.first, pair.second): pair for pair in structure.pairs}
    embed = found["embed", "look up"]
    assert (embed.always, embed.calls, embed.overlapped) == (True, 4, 0)
    assert embed.told == "never overlapped in 4 calls, median gap 0.40 ms"
    assert round(embed.smallest_gap_s, 6) == 0.0003
    rank = found["look up", "rank"]
    assert rank.told == "overlapped in 1 of 2 calls: neither waits for the other"
    assert [(pair.first, pair.second) for pair in structure.undecided] == [
        ("embed", "embed #2"),
        ("embed", "look up"),
        ("embed", "rank"),
        ("embed #2", "look up"),
    ]


def test_pairs_in_either_order_are_told_so(tmp_path: Path) -> None:
    """That speaks against a dependence."""
    swapped = (("look up", 1, 9), ("embed", 10, 20))
    spans = [*call(1, SEQUENCE[:2], 40.0), *call(2, SEQUENCE[:2], 40.0), *call(3, swapped, 40.0)]
    (pair,) = learn_structure(imported(tmp_path, message(spans))).pairs
    assert not pair.always
    assert "in either order (1 times the other way)" in pair.told


def test_what_is_in_no_step_is_told(tmp_path: Path) -> None:
    """Overlapping steps count once."""
    spans = [*call(1, (("a", 0, 10), ("b", 5, 20)), 30.0), span(2, 1, 0, "alone", 0, 1)]
    found = learn_structure(imported(tmp_path, message(spans)))
    assert round(found.own_s, 6) == 0.010
    assert found.to_dict()["pairs"][0]["median_gap_s"] is None
