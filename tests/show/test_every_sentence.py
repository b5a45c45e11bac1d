"""Every kind of sentence about results, and the rules that all of them keep."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.decision import Gate, GateState, Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.knees import LoadLevel
from hhperf.analysis.sequential import SequentialPath
from hhperf.forecast.optimise import RankedSchedule, Ranking
from hhperf.forecast.what_if import QUANTILES, Forecast
from hhperf.runs.metadata import Conditions
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.show.findings import Findings
from hhperf.show.forecast_cards import forecast_card, ranking_sentences
from hhperf.show.restarts_card import restarts_sentence
from hhperf.show.sentences import gates_sentences, path_sentence, verdict_sentence
from hhperf.show.sweep_findings import SweepFindings
from hhperf.verdict.restarts import RESTART, compare_restarts
from tests.runs.conftest import METADATA
from tests.show.report.made import write_pairs

NAN, INF = math.nan, math.inf
ESTIMATES = [
    Estimate(0.281, 0.272, 0.296),
    Estimate(0.1, 0.08, 0.12),
    Estimate(-0.044, -0.315, 0.107),
    Estimate(0.2, 0.18, 0.22),
    Estimate(0.21, 0.15, 0.25),
    Estimate(-35.71, -INF, 0.3),
    Estimate(NAN, NAN, NAN),
    Estimate(0.3, 0.1, 0.4, warnings=("not measurable: p99 takes 2,000 pairs or more",)),
]
GATE = Gate("A/A' p95", GateState.PASSED, "1%", "5%", "noise", ("p95",))
GATES = [
    (),
    (replace(GATE, state=GateState.FAILED),),
    (replace(GATE, state=GateState.TOO_FEW),),
    (replace(GATE, state=GateState.TOO_FEW, needs=8_500, bias=0.031),),
    (
        replace(GATE, state=GateState.FAILED),
        replace(GATE, name="event-loop lag", state=GateState.TOO_FEW, voids=("all",), needs=1),
    ),
]
NEEDED = (None, 3_030, 10)
LEVELS = [None, LoadLevel(15.04321, 12.8, 22.6), LoadLevel(15, 0.0, INF), LoadLevel(1500.4, 9, INF)]
FORBIDDEN = {
    "a figure that is none": r"(?<![\w-])(nan|inf|None|NaN)(?!\w)",
    "a doubled space or stop": r"  |\.\.|,,|;;| [,.;]|\(\)",
    "a value as Python writes it": r"<[\w.]+ object|Verdict\.|GateState\.|np\.",
    "more than four digits that matter": r"(?<![\d.,])(?=[\d,]*\.\d)0?\.?0*[1-9](?:[,.]?\d){4,}",
}


def results(comparison: Comparison) -> Iterator[Comparison]:
    """What p95 may come to: each estimate with each verdict it may have, need and gate."""
    for estimate, verdict, needed, gates in product(ESTIMATES, Verdict, NEEDED, GATES):
        one = StatisticResult("p95", estimate, verdict, pairs_needed=needed)
        found = tuple(one if each.statistic == "p95" else each for each in comparison.results)
        yield replace(comparison, results=found, gates=gates, primary="p95")


def of_runs(findings: Findings) -> Iterator[str]:
    """Of a run: every verdict, and every state of gates."""
    for comparison in results(findings.comparison):
        yield verdict_sentence(findings.run, comparison)
        yield from gates_sentences(comparison.gates)


def of_stops() -> Iterator[str]:
    """Of a run that stops on its verdict: it did, it did not, it never looked."""
    for looks, stopped in product(((), (200,), (200, 400)), (None, 400)):
        n = len(looks)
        if stopped and not looks:
            continue
        path = SequentialPath(
            "p95", looks, (0.3,) * n, (0.1,) * n, (0.4,) * n, 0.2, 0.05, Verdict.EXCEEDS, stopped
        )
        yield path_sentence(path)


def of_sweeps(sweep: SweepFindings) -> Iterator[str]:
    """Of a sweep: where savings end and arms fall behind, or that they do not."""
    for crossing, saturation in product(LEVELS, LEVELS[:2]):
        found = replace(
            sweep.sweep,
            crossovers={"p50": crossing, "p95": crossing},
            saturations=dict.fromkeys(Arm, saturation),
            knees={arm: crossing or LoadLevel(9, 8, INF) for arm in Arm},
        )
        told = replace(sweep, sweep=found)
        yield from (told.verdict, *told.sentences)


def of_predictions() -> Iterator[str]:
    """Of predictions and of orders by what they save."""
    latencies = np.full(50, 0.2)
    for estimate, is_whole, pool in product(ESTIMATES, (True, False), (None, 1, 4)):
        names = ("mean", *(f"p{100 * q:.0f}" for q in QUANTILES))
        savings = dict.fromkeys(names, estimate)
        told = Forecast(
            "a run", "sequential", "parallel", None, latencies, latencies, savings, 0.016
        )
        yield from forecast_card(told).sentences
        best = tuple(RankedSchedule(name, 0.2, estimate, estimate, True) for name in ("x", "y"))
        yield from ranking_sentences(
            Ranking("a run", "sequential", "p95", None, pool, 1_066, is_whole, best)
        )


def of_restarts(folder: Path) -> Iterator[str]:
    """Of several runs of one process."""
    runs: list[Run] = []
    for number in (1, 2, 3):
        conditions = Conditions(labels={RESTART: f"{number} of 3"})
        metadata = replace(METADATA, conditions=conditions, seed=number)
        runs.append(write_pairs(folder / f"{number}", pairs=60, metadata=metadata))
    found = compare_restarts(runs)
    for comparison in results(found.comparison):
        yield restarts_sentence(replace(found, comparison=comparison))


@pytest.fixture(scope="module")
def said(
    gated: Findings, sweep: SweepFindings, tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """All of it, each once; `pytest -s -k read` prints it, to be read by a person."""
    every = (
        *(gated.verdict, *gated.sentences),
        *of_runs(gated),
        *of_stops(),
        *of_sweeps(sweep),
        *of_predictions(),
        *of_restarts(tmp_path_factory.mktemp("restarts")),
    )
    return list(dict.fromkeys(every))


def test_every_verdict_is_among_the_sentences_to_read(said: list[str]) -> None:
    """Otherwise the rules below would hold of too little."""
    print("\n".join(said))
    assert {each.split(":")[0] for each in said} >= set(map(str, Verdict))
    assert len(said) > 100


def test_every_sentence_begins_and_ends_as_one(said: list[str]) -> None:
    """With a capital or the name of what it is about, and with one stop."""
    names = ("sequential", "parallel", "eager", "event-loop lag")
    ends = [each for each in said if not re.search(r"[^.\s]\.$", each)]
    begins = [each for each in said if not (each[0].isupper() or each.startswith(names))]
    assert (begins, ends) == ([], [])


@pytest.mark.parametrize("fault", FORBIDDEN)
def test_no_sentence_holds(fault: str, said: list[str]) -> None:
    """Neither figures that are none, nor more digits than are known."""
    assert [each for each in said if re.search(FORBIDDEN[fault], each)] == []
