"""`hhperf optimise --measure`: the best orders, and parallel, measured against the control."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import hhperf
from hhperf.cli.contenders import make_stack, read_log
from hhperf.cli.screen import errors

if TYPE_CHECKING:
    from hhperf.forecast.optimise import Ranking
    from hhperf.runs.run import Run
    from hhperf.show.card import Table


def measure_orders(
    run: "Run",
    found: "Ranking",
    best: int,
    pairs: int,
    out: Path | None,
    candidates: int,
    seed: int,
) -> "Table":
    """Measure the best orders of a ranking under its conditions; predicted beside measured.

    Raises:
        HhperfError: the run was recorded elsewhere, or the log has no requests that are fresh.
    """
    from hhperf.experiment.fresh_orders import (  # noqa: PLC0415  (heavy, as is the next)
        Conditions,
        record_loads,
        record_pairs,
        unknown_to,
    )
    from hhperf.show.forecast_cards import measured_table  # noqa: PLC0415

    ranked = [each.schedule for each in found.best if each.schedule != found.control]
    known = [each for each in ranked if each == "parallel"]
    orders = list(dict.fromkeys([*ranked[:best], *known]))
    fresh = unknown_to(run, read_log(None))
    how = Conditions.of(run, pool_max=found.pool, seed=seed)
    folder = out or Path("results") / f"orders-{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
    errors.print(f"Measuring {', '.join(orders)} on {len(fresh):,} fresh requests …", markup=False)
    with make_stack(candidates) as stack:
        if found.load is None:
            runs = record_pairs(fresh, stack, folder, orders, how, pairs)
        else:
            load = found.load
            runs = record_loads(
                fresh, stack, folder, orders, how,
                rate_hz=load.rate_hz, seconds=load.seconds, rounds=load.rounds,
            )  # fmt: skip
    return measured_table(found, {name: hhperf.compare(each) for name, each in runs.items()})
