"""`hhperf run` and `hhperf replay`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Context, Option

import hhperf
from hhperf.cli.consent import ask
from hhperf.cli.contenders import cache_state, contenders, make_stack, read_log
from hhperf.cli.exits import end_like
from hhperf.cli.going_on import (
    DEFAULT_PATIENCE_S,
    Patience,
    Resume,
    are_finished,
    folder_of,
    options_of,
)
from hhperf.cli.labels import Labels, labels_of
from hhperf.cli.options import (
    BeforeEach,
    Caches,
    Candidates,
    Claim,
    ExtraTime,
    InFlight,
    OnBadLine,
    OrderChoice,
    Pairs,
    Place,
    Seed,
    Steps,
    Threshold,
    TimeoutS,
    WarmUp,
)
from hhperf.cli.restarting import Restart, Runs, is_parent, record_restarts, restart_labels
from hhperf.cli.screen import command_line, errors, output, show_recorded, show_restarts
from hhperf.errors import SettingsError, StackError, unknown
from hhperf.stack.made_of import DEFAULT_CANDIDATES

THRESHOLD = 0.20
"""Of the verdict that `replay` prints over runs; `compare` takes any."""

if TYPE_CHECKING:
    from hhperf.experiment.regimes import Regime
    from hhperf.experiment.study import Study
    from hhperf.show.findings import Findings
    from hhperf.stack.stack import Stack
    from hhperf.workload.query_log import QueryLog


def run(
    context: Context,
    out: Annotated[Path | None, Option(help="A new folder; by default under results/.")] = None,
    only: Annotated[
        list[str] | None,
        Option(help="A regime to measure instead of all five; may be given several times."),
    ] = None,
    profile: Annotated[
        str | None,
        Option(help="A latency profile of your own instead, without a reranker and with one."),
    ] = None,
    control: Annotated[
        str | None, Option(help="With --profile: the arm measured against, by default sequential.")
    ] = None,
    treatment: Annotated[
        str | None,
        Option(help="With --profile: the arm that is claimed, by default parallel."),
    ] = None,
    log: Annotated[
        Path | None, Option("--log", help="The query log; by default the shipped one.")
    ] = None,
    on_bad_line: OnBadLine = "fail",
    pairs: Pairs = None,
    in_flight: Annotated[
        int | None, Option(min=1, help="Pairs measured at the same time; each regime has its own.")
    ] = None,
    cache_state: Caches = "cold",
    candidates: Candidates = DEFAULT_CANDIDATES,
    threshold: Threshold = 0.20,
    until_verdict: Annotated[
        bool,
        Option("--until-verdict", help="Draw requests until p95's verdict is in; --pairs at most."),
    ] = False,
    extra_time: ExtraTime = None,
    patience: Patience = DEFAULT_PATIENCE_S,
    resume: Resume = None,
    label: Labels = None,
    runs: Runs = 1,
    restart: Restart = None,
    seed: Seed = 0,
) -> None:
    """Settle the claim: replay the log in each regime, and print where it holds and where not."""
    from hhperf.runs.run import is_run  # noqa: PLC0415  (heavy)

    begun = perf_counter()
    regimes = _chosen(only, profile, control, treatment)
    labels = labels_of(label) | restart_labels(runs, restart)
    folder = out or Path("results") / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    if is_parent(runs, restart):
        record_restarts(context, folder, runs, seed, is_run=False)
        show_restarts(folder, threshold, seed)
        return
    requests = read_log(log, on_bad_line)
    changes = {
        "cache_state": cache_state, "threshold": threshold, "seed": seed,
        "extra_time_s": extra_time, "patience_s": patience, "options": options_of(context),
        **_length(pairs, until_verdict=until_verdict, looks=runs == 1),
    } | ({} if in_flight is None else {"in_flight": in_flight})  # fmt: skip
    studies = [(regime, regime.study(labels, **changes)) for regime in regimes]
    findings: list[Findings] = []
    ended: BaseException | None = None
    try:
        with make_stack(candidates) as stack:
            for regime, study in studies:
                place = folder / regime.name
                resumed = resume is not None and is_run(place)
                findings += _settled(regime, study, requests, stack, place, resumed=resumed)
    except (KeyboardInterrupt, StackError) as early:
        if findings or (folder.is_dir() and any(folder.iterdir())):
            errors.print("Ended early: what was measured is kept.")
        ended = early
    if findings:
        _conclude(findings, folder)
        output.print(f"After {perf_counter() - begun:.0f} s.")
    if ended is not None:
        raise ended


def _chosen(
    only: list[str] | None, profile: str | None, control: str | None, treatment: str | None
) -> "Sequence[Regime]":
    from hhperf.experiment.regimes import REGIMES, regimes_of  # noqa: PLC0415  (heavy)

    if profile is not None:
        if only:
            raise SettingsError("--only and --profile: a profile of your own is no regime")
        return regimes_of(profile, control or "sequential", treatment or "parallel")
    if control or treatment:
        raise SettingsError(
            "--control, --treatment: each regime has its arms; name a --profile to compare others"
        )
    named = {each.name: each for each in REGIMES}
    for name in only or ():
        if name not in named:
            raise SettingsError(f"--only: no regime {name!r}: {unknown(name, named)}")
    return [named[name] for name in only] if only else REGIMES


def _length(pairs: int | None, *, until_verdict: bool, looks: bool) -> dict[str, object]:
    """How many pairs at most, and when to look whether they are enough."""
    from hhperf.experiment.regimes import LOOKS, PAIRS  # noqa: PLC0415  (heavy)

    if until_verdict:
        return {"pairs": pairs, "until_verdict": "p95", "looks": ()}
    most = pairs or PAIRS
    return {"pairs": most, "looks": tuple(look for look in LOOKS if looks and look < most)}


def _settled(
    regime: "Regime",
    study: "Study",
    requests: "QueryLog",
    stack: "Stack",
    place: Path,
    *,
    resumed: bool,
) -> "Iterator[Findings]":
    """Record one regime and print its verdicts; a partial one ends the command after that.

    One that is finished is shown as it is, one that broke off is gone on with.
    """
    from hhperf.experiment.study import beside_of  # noqa: PLC0415  (heavy)

    places = [place, *(beside_of(place, name) for name in study.beside)]
    if not (resumed and are_finished(places)):
        errors.print(f"Replaying {Path(requests.source).name}, {regime.about} …")
        study.record_sync(requests, stack, place, resume=resumed)
    recorded, *beside = map(hhperf.load_run, places)
    output.rule(regime.about)
    for each in (recorded, *beside):
        if found := show_recorded(each, study.threshold, study.seed):
            yield found
    end_like(recorded)


def _conclude(findings: "list[Findings]", folder: Path) -> None:
    """Print the claim by regime, and write the report on the first treatment of each."""
    from hhperf.show.claim import claim_sentence, claim_table, firsts  # noqa: PLC0415  (heavy)
    from hhperf.show.report.provenance import data_note  # noqa: PLC0415  (heavy)

    first, table = firsts(findings), claim_table(findings)
    page = hhperf.write_report(first, folder, command_line(), table)
    output.rule()
    output.print(table)
    output.print()
    output.print(claim_sentence(first), style="bold", markup=False)
    output.print(data_note(first[0].run.metadata), markup=False)
    output.print(f"`hhperf compare {first[0].run.path}` has every figure of one run.", markup=False)
    output.print(f"Report: {page}", markup=False)


def replay(
    context: Context,
    out: Annotated[Path | None, Argument(help="The run's folder, new or empty.")] = None,
    *,
    claim: Claim,
    pairs: Pairs = None,
    order: Annotated[OrderChoice, Option(help="As logged, or drawn with replacement.")] = "log",
    warm_up: WarmUp = 20,
    in_flight: InFlight = 1,
    repetitions: Annotated[int, Option(min=1, help="How often the log is gone through.")] = 1,
    steps: Steps,
    timeout_s: TimeoutS = 30.0,
    extra_time: ExtraTime = None,
    before_each: BeforeEach = None,
    virtual_speedup: Annotated[
        str | None,
        Option(
            help="STAGE=FACTOR, such as embedding=0.5: let a stage of the treatment seem to take"
            " half its time, by delaying the others. What it gains is modelled, and named so."
        ),
    ] = None,
    place: Place,
    patience: Patience = DEFAULT_PATIENCE_S,
    resume: Resume = None,
    runs: Runs = 1,
    restart: Restart = None,
    seed: Seed = 0,
) -> None:
    """Record one paired run: of two arms, or of two live deployments."""
    folder = folder_of(out, resume)
    if is_parent(runs, restart):
        record_restarts(context, folder, runs, seed, is_run=True)
        show_restarts(folder, THRESHOLD, seed)
        return
    requests = read_log(claim.log, claim.on_bad_line)
    with contenders(claim, steps, place, virtual_speedup=virtual_speedup) as prepared:
        plan = hhperf.plan_pairs(
            requests, cache_state=cache_state(steps, place), seed=seed, pairs=pairs, order=order,
            warm_up=warm_up, in_flight=in_flight, repetitions=repetitions, timeout_s=timeout_s,
            extra_time_s=extra_time, before_each=before_each,
        )  # fmt: skip
        ask(prepared, [plan], place.live)
        recorded = hhperf.replay_sync(
            plan,
            prepared.make_targets,
            folder,
            conditions=replace(
                prepared.conditions,
                options=options_of(context),
                labels={**prepared.conditions.labels, **restart_labels(runs, restart)},
            ),
            patience_s=patience,
            resume=resume is not None,
        )
    output.print(f"{folder}: {len(recorded):,} observations, {recorded.status}")
    output.print(f"`hhperf compare {folder}` says what they mean.")
    end_like(recorded)
