"""`hhperf what-if` and `hhperf optimise`: predictions from a recorded run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

import hhperf
from hhperf.cli.contenders import dask_client
from hhperf.cli.options import Candidates, Seed, StatisticChoice
from hhperf.cli.screen import output
from hhperf.errors import ForecastError, unknown
from hhperf.stack.made_of import DEFAULT_CANDIDATES

if TYPE_CHECKING:
    from hhperf.forecast.changes import StageChange

Source = Annotated[Path, Argument(help="A recorded run; only its control is read.")]
Rate = Annotated[
    float | None,
    Option(
        min=0, help="Requests offered a second; 0 for none that meet; by default the run's own."
    ),
]
Seconds = Annotated[float, Option(min=0.1, help="How long a simulated block of an arm lasts.")]
Rounds = Annotated[int, Option(min=1, help="Simulated blocks of each arm in a run.")]
PoolMax = Annotated[int | None, Option(min=1, help="Database connections; by default as recorded.")]
Rerank = Annotated[bool | None, Option(help="Leave the reranker out; by default as recorded.")]
Control = Annotated[
    str | None,
    Option(help="In which order the control's stages ran, of a service that does not tell when."),
]
_CHANGES = {
    "schedule": "schedule",
    "stage": "stages",
    "round-trip": "round_trip_s",
    "rerank": "rerank",
    "pool-max": "pool_max",
    "coalescing": "coalescing",
}
"""The options that are changes, with their names in Python."""


def what_if(
    run: Source,
    schedule: Annotated[
        str | None,
        Option(help="An arm, or what waits for what: 'vector < specialty; text < specialty'."),
    ] = None,
    stage: Annotated[
        list[str] | None,
        Option(
            help="A stage that takes another time: embedding=cached, embedding=0.5 (a factor), or"
            " embedding=PROFILE (a name or a .toml file). May be given several times."
        ),
    ] = None,
    round_trip: Annotated[float, Option(min=0, help="Milliseconds more for each statement.")] = 0.0,
    rerank: Rerank = None,
    pool_max: PoolMax = None,
    coalescing: Annotated[
        bool, Option("--coalescing", help="Share lookups of an equal text that are under way.")
    ] = False,
    both: Annotated[
        list[str] | None,
        Option(
            help=f"A change that the control has too: {', '.join(_CHANGES)}. May be given several"
            " times."
        ),
    ] = None,
    against: Annotated[
        str | None, Option(help="Another schedule to predict the saving against.")
    ] = None,
    rate: Rate = None,
    seconds: Seconds = 20.0,
    rounds: Rounds = 2,
    control: Control = None,
    decisive: Annotated[
        bool, Option("--decisive", help="Also say which stages decide, in both schedules.")
    ] = False,
    seed: Seed = 0,
) -> None:
    """Predict what a change would save, from the control of a recorded run."""
    recorded = hhperf.load_run(run)
    output.print(
        hhperf.what_if(
            recorded,
            schedule=schedule,
            stages=dict(map(_stage, stage or ())),
            round_trip_s=round_trip / 1e3,
            rerank=rerank,
            pool_max=pool_max,
            coalescing=coalescing,
            both=[_change(each) for each in both or ()],
            against=against,
            rate_hz=rate,
            seconds=seconds,
            rounds=rounds,
            control=control,
            seed=seed,
        )
    )
    if decisive:
        for each in dict.fromkeys((None, schedule)):
            output.print()
            output.print(hhperf.decide(recorded, schedule=each, control=control))


def _change(option: str) -> str:
    if option not in _CHANGES:
        raise ForecastError(f"--both: no change {option!r}: {unknown(option, _CHANGES)}")
    return _CHANGES[option]


def _stage(said: str) -> "tuple[str, StageChange]":
    name, equals, change = said.partition("=")
    if not (name and equals and change):
        raise ForecastError(f"--stage {said}: say STAGE=cached, STAGE=0.5 or STAGE=PROFILE")
    if change == "cached":
        return name, change
    try:
        return name, float(change)
    except ValueError:
        return name, hhperf.load_profile(change)


def optimise(
    run: Source,
    statistic: Annotated[StatisticChoice, Option(help="What orders are ranked by.")] = "p95",
    rate: Rate = None,
    seconds: Seconds = 20.0,
    rounds: Rounds = 2,
    pool_max: PoolMax = None,
    rerank: Rerank = None,
    control: Control = None,
    measure: Annotated[
        bool,
        Option(
            "--measure",
            help="Replay the best orders and parallel against the control, on fresh requests.",
        ),
    ] = False,
    best: Annotated[int, Option(min=1, help="With --measure: how many of the best.")] = 2,
    pairs: Annotated[int, Option(min=1, help="With --measure, without a load: requests.")] = 200,
    out: Annotated[
        Path | None, Option(help="With --measure: a new folder; by default under results/.")
    ] = None,
    candidates: Candidates = DEFAULT_CANDIDATES,
    dask: Annotated[
        str | None, Option(help="A Dask scheduler (tcp://10.0.0.1:8786) whose workers simulate.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Rank every legal order of the stages by what a recorded run's control predicts."""
    from hhperf.cli.measured_orders import measure_orders  # noqa: PLC0415  (heavy)

    recorded = hhperf.load_run(run)
    with dask_client(dask) as client:
        found = hhperf.optimise(
            recorded, statistic=statistic, rate_hz=rate, seconds=seconds, rounds=rounds,
            pool_max=pool_max, rerank=rerank, control=control, client=client, seed=seed,
        )  # fmt: skip
    output.print(found)
    first = found.best[0].schedule
    output.print()
    if measure:
        output.print(measure_orders(recorded, found, best, pairs, out, candidates, seed))
    output.print(f"`hhperf serve --schedule {first!r}` serves it.".replace("'", '"'), markup=False)
