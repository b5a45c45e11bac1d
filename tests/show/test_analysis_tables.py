"""What the analysis finds, as tables."""

import numpy as np

from hhperf.analysis.decision import Gate, GateState
from hhperf.analysis.sequential import sequential_test
from hhperf.show.analysis_tables import gates_table, path_table


def test_the_table_of_gates_says_what_each_voids() -> None:
    """Beside its state, figure and limit."""
    failed = Gate("carry-over", GateState.FAILED, "9%", "1%", "one arm warms the next")
    unsure = Gate("order", GateState.TOO_FEW, "9%", "1%", "few pairs", ("p50", "p95"))
    table = gates_table([failed, unsure])
    assert table.columns == ("gate", "state", "figure", "limit", "voids")
    assert [(row[1], row[4]) for row in table.rows] == [("FAIL", "all"), ("too few", "p50, p95")]


def test_a_path_shows_a_dozen_looks(rng: np.random.Generator) -> None:
    """Among them the first, that which settled it, and the last."""
    control = rng.lognormal(-1, 0.3, 1_000)
    treatment = 0.6 * control * rng.lognormal(0, 0.05, 1_000)
    path = sequential_test(control, treatment, "p50")
    table = path_table(path)
    pairs = [int(row[0].replace(",", "")) for row in table.rows]
    assert {path.looks[0], path.stopped_at, 1_000} <= set(pairs)
    assert len(pairs) <= 14
    assert len(pairs) + table.more == len(path.looks)
