"""What a run says of itself."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.runs.metadata_file import read_metadata, write_metadata
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import load_run
from hhperf.show.runs_cards import latency_table, outcomes_table, run_card
from tests.runs.conftest import observe, observe_pair

Written = Callable[..., Path]


def test_a_run_shows_how_it_was_recorded(written: Written) -> None:
    """Arms, state, conditions, latencies."""
    card = run_card(load_run(written(*(each for n in range(4) for each in observe_pair(n)))))
    facts = dict(card.facts)
    assert (card.title, card.badge) == ("eager against sequential", "finished")
    assert facts["sent"] == "1 pair in flight, cache natural"
    assert facts["profile"] == "none"
    assert card.tables[0].title == "Service time in ms, 4 pairs"
    assert card.warnings == ()


def test_latencies_count_from_either_start(written: Written) -> None:
    """The title says which it is."""
    late = [replace(each, intended_start_ns=each.start_ns - 10**9) for each in observe_pair(2)]
    run = load_run(written(*late))
    assert latency_table(run).rows[0][1] == "1,000"
    table = latency_table(run, "response_time")
    assert table.title == "Response time in ms, 1 pair"
    assert table.rows[0][1] == "2,000"


def test_an_interrupted_run_says_how_far_it_came(written: Written) -> None:
    """Beside its state."""
    path = written(*observe_pair(0))
    write_metadata(path, replace(read_metadata(path), status="interrupted", reason="Ctrl-C"))
    card = run_card(load_run(path))
    assert card.badge == "interrupted"
    assert card.warnings == ("interrupted (Ctrl-C) after 1 of 4 planned pairs",)


def test_a_run_that_cannot_be_paired_shows_outcomes(written: Written) -> None:
    """What there is, and what is missing."""
    run = load_run(written(observe(0), observe(1, outcome=Outcome.TIMEOUT)))
    card = run_card(run)
    assert card.tables[0] == outcomes_table(run)
    assert card.tables[0].columns == ("arm", "ok", "timeout")
    assert card.tables[0].rows[0] == ("control (sequential)", "1", "1")
    assert "has no pair to compare" in card.warnings[0]


def test_a_run_of_one_arm_is_named_by_it(written: Written) -> None:
    """There is nothing that it is against."""
    path = written(observe(0))
    metadata = read_metadata(path)
    design = replace(metadata.design, arms={Arm.CONTROL: "sequential"})
    write_metadata(path, replace(metadata, design=design))
    assert run_card(load_run(path)).title == "sequential"


def test_what_arms_share_is_a_warning(written: Written) -> None:
    """Arms of a valid run share nothing."""
    path = written(*observe_pair(0))
    shared = ("pool: control and treatment",)
    write_metadata(path, replace(read_metadata(path), shared=shared))
    said = run_card(load_run(path)).warnings
    assert said == ("the arms share something: pool: control and treatment",)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"PAR1")])
def test_a_damaged_run_shows_itself_all_the_same(
    written: Written, damage: Callable[[Path], object]
) -> None:
    """It says what is wrong instead of failing."""
    run = load_run(written(*observe_pair(0)))
    damage(run.path / "observations.parquet")
    assert repr(run).endswith(", finished, not readable)")
    assert len(run_card(run).warnings) == 1
    assert run_card(run).tables == ()


def test_a_run_that_was_cut_off_warns_in_its_card(written: Written, tmp_path: Path) -> None:
    """And not on the screen, where the number would be without its warning."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    path = written(*(each for n in range(4) for each in observe_pair(n)))
    table = pq.read_table(path / "observations.parquet")
    with pa.ipc.new_stream(path / "observations.arrows", table.schema) as stream:
        for batch in table.to_batches(max_chunksize=6):
            stream.write_batch(batch)
    whole = (path / "observations.arrows").read_bytes()
    (path / "observations.arrows").write_bytes(whole[:-200])
    (path / "observations.parquet").unlink()
    run = load_run(path)
    assert repr(run).endswith("finished, 6 observations)")
    assert any("ends in the middle of a batch" in each for each in run_card(run).warnings)
