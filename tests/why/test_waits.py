"""What a recorded run's spans say of the order that its arm declares."""

from collections.abc import Mapping

import pytest

from hhperf.experiment.study import Study, beside_of
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run, load_run
from hhperf.search.arms import ALONE, ARMS
from hhperf.search.trace import POOL
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog


@pytest.fixture(scope="module")
def runs(
    stack: Stack, log: QueryLog, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Run]:
    """A run of each arm, all in the same pairs."""
    first, *others = ARMS
    out = tmp_path_factory.mktemp("waits") / "run"
    study = Study(treatment=first, beside=tuple(others), profile="local", pairs=6, warm_up=2)
    run = study.record_sync(log, stack, out)
    return {first: run, **{each: load_run(beside_of(out, each)) for each in others}}


@pytest.mark.parametrize("arm", ARMS)
def test_stages_ran_as_their_waits_say(arm: str, runs: Mapping[str, Run]) -> None:
    """In a recorded run of the arm every stage began after the ones it waits for had ended."""
    assert runs[arm].metadata.design.arms[Arm.TREATMENT] == arm
    assert _violations(runs[arm], arm) == []


def test_stages_that_run_alone_overlap_with_none(plan_run: Run) -> None:
    """Under the parallel arm no span overlaps a stage that nothing can overlap."""
    spans = plan_run.spans()
    is_stage = spans["stage"].astype(str) != POOL  # which is part of a stage
    own = spans[is_stage & (spans["arm"].astype(str) == Arm.TREATMENT.value)]
    for _, one in own.groupby("pair"):
        ends = one["start_s"] + one["duration_s"]
        for row in one[one["stage"].astype(str).isin(ALONE)].itertuples():
            others = one.index != row.Index
            assert not ((one["start_s"] < row.start_s + row.duration_s) & (ends > row.start_s))[
                others
            ].any()


def _violations(run: Run, arm: str) -> list[tuple[int, str, str]]:
    spans = run.spans()
    own = spans[spans["arm"].astype(str) == Arm.TREATMENT.value]
    found = []
    for pair, one in own.groupby("pair"):
        at = {str(row.stage): row for row in one.itertuples()}
        found += [
            (pair, before, stage)
            for stage, earlier in ARMS[arm].waits.items()
            for before in earlier
            if before in at and stage in at
            if at[before].start_s + at[before].duration_s > at[stage].start_s
        ]
    return found
