"""From where the controls stand to what is shown, on shipped runs."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hhperf.errors import FigureError
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.show.findings import Findings
from hhperf.show.look.answers import Answers
from hhperf.show.look.wish import Brush, What, Wish
from tests.show.conftest import PAIRS

Shown = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def answers(exceeding: Findings) -> Answers:
    """Of the shipped run without a reranker."""
    return Answers.of(("a run",), (exceeding,))


def shown(answers: Answers, wish: Wish) -> Shown:
    return answers.to(wish, with_prediction=False)


def test_everything_is_plain_data(answers: Answers) -> None:
    """A page takes JSON, which has neither NaN nor infinity."""
    json.dumps(answers.to(Wish()), allow_nan=False)


def test_the_verdict_follows_the_claim(answers: Answers) -> None:
    """28% exceeds 20%, is near to 28% and below 40%."""
    words = [shown(answers, Wish(threshold=each))["judged"]["verdict"] for each in (0.2, 0.28, 0.4)]
    assert words == ["EXCEEDS", "INCONCLUSIVE", "BELOW"]


def test_a_moved_claim_makes_nothing_else_anew(answers: Answers) -> None:
    """What has not changed is the same object, and so is not sent."""
    before, after = (shown(answers, Wish(threshold=each)) for each in (0.2, 0.3))
    same = {name for name in before if after[name] is before[name]}
    assert same == {"controls", "curves", "strip", "picked", "requests", "timeline"}


def test_a_brush_leaves_alone_what_it_does_not_pick_out(answers: Answers) -> None:
    """Nothing is sent again of all the requests, and where there is no brush nothing is picked."""
    brush = Brush("latency", 300.0, 400.0)
    before, after = shown(answers, Wish()), shown(answers, Wish(brush=brush))
    same = {name for name in before if after[name] is before[name]}
    assert same == {"controls", "curves", "strip"}
    assert before["picked"] == {}


def test_the_slowest_request_comes_first_and_opens(answers: Answers) -> None:
    """The list goes down, and its head is the timeline shown."""
    found = shown(answers, Wish())
    worst = [max(row["control"], row["other"]) for row in found["requests"]["rows"]]
    assert worst == sorted(worst, reverse=True)
    assert found["timeline"]["pair"] == found["requests"]["rows"][0]["pair"]
    assert [arm["schedule"] for arm in found["timeline"]["arms"]] == ["sequential", "parallel"]


def test_a_brush_picks_out_the_same_requests_everywhere(answers: Answers) -> None:
    """Curves, strip and list count the same pairs, and the list has none from beyond."""
    found = shown(answers, Wish(brush=Brush("latency", 300.0, 400.0)))
    count = found["requests"]["count"]
    assert 0 < count < found["curves"]["n"]
    assert found["picked"]["count"] == sum(found["picked"]["bins"]) == count
    assert all(299.9 <= row["control"] <= 400.1 for row in found["requests"]["rows"])


def test_a_brush_of_quantiles_is_one_of_the_controls_latencies(answers: Answers) -> None:
    """A tenth of the quantiles has a tenth of the requests."""
    picked = shown(answers, Wish(brush=Brush("quantile", 90, 100)))["picked"]
    assert picked["count"] == pytest.approx(101, abs=2)
    assert picked["quantiles"] == pytest.approx([90, 100], abs=0.3)


def test_a_part_says_that_it_was_chosen_while_looking(answers: Answers) -> None:
    """An interval among many is no verdict of the run."""
    tenant = shown(answers, Wish())["controls"]["tenants"][0]
    found = shown(answers, Wish(tenant=tenant))
    assert 0 < found["curves"]["n"] < shown(answers, Wish())["curves"]["n"]
    assert "chosen while looking" in found["judged"]["notes"][0]


def test_a_part_is_drawn_before_it_is_compared(exceeding: Findings) -> None:
    """Many pairs take seconds to compare; until then only intervals are missing."""
    answers = Answers.of(("a run",), (exceeding,))
    wish = Wish(tenant=shown(answers, Wish())["controls"]["tenants"][0])
    assert answers.is_quick(Wish())
    assert not answers.is_quick(wish)
    drawn = answers.to(wish, with_prediction=False, with_intervals=False)
    assert drawn["judged"]["intervals"] == []
    assert "worked out" in drawn["judged"]["notes"][0]
    compared = shown(answers, wish)
    assert answers.is_quick(wish)
    assert compared["judged"]["intervals"]
    same = ("n", "control", "other")
    assert [drawn["curves"][each] for each in same] == [compared["curves"][each] for each in same]
    assert all(
        compared[name] is drawn[name] for name in ("strip", "picked", "requests", "timeline")
    )


def test_a_part_of_few_pairs_has_no_interval(answers: Answers) -> None:
    """It is drawn all the same, and says how many would do."""
    session = shown(answers, Wish())["controls"]["sessions"][-1]
    found = shown(answers, Wish(session=session))
    assert found["judged"]["intervals"] == []
    assert "too few to compare" in found["judged"]["notes"][0]
    assert found["curves"]["control"]["x"]


def test_a_session_that_is_none_is_empty(answers: Answers) -> None:
    """A slip in the field ends in nothing to see, not in an error."""
    found = shown(answers, Wish(session="nobody's"))
    assert found["requests"] == {"count": 0, "rows": []}
    assert found["timeline"]["note"] == "No request is picked out."


def test_the_control_against_itself_has_no_verdict(answers: Answers) -> None:
    """The claim is about the treatment."""
    found = shown(answers, Wish(against=Arm.CONTROL_AGAIN))["judged"]
    assert found["verdict"] == ""
    assert abs(found["intervals"][1]["point"]) < 3


def test_a_click_opens_the_request_nearest_to_it(answers: Answers) -> None:
    """By the control's latency."""
    part = answers.runs[0].part(Wish())
    wish = answers.nearest(Wish(), 1e3 * float(part.control_s[500]))
    row = int(np.flatnonzero(part.pairs.pair == wish.pair)[0])
    assert part.pairs.control[row] == part.control_s[500]


def test_a_prediction_follows_its_controls(answers: Answers) -> None:
    """The parallel schedule saves, and with a faster vector search more."""
    points = [
        answers.to(Wish(what=what))["predicted"]["intervals"][1]["point"]
        for what in (What(schedule="parallel"), What(schedule="parallel", factors={"vector": 0.5}))
    ]
    assert 20 < points[0] < points[1]


def test_what_cannot_be_predicted_is_told_in_words(answers: Answers) -> None:
    """The page goes on."""
    found = answers.to(Wish(what=What(schedule="backwards")))["predicted"]
    assert "backwards" in found["note"]


def test_a_run_without_spans_predicts_nothing(gated: Findings) -> None:
    """It says why, and is drawn all the same."""
    found = Answers.of(("a run",), (gated,)).to(Wish())
    assert found["levers"]["stages"] == []
    assert found["levers"]["note"]
    assert found["curves"]["n"] == 500


def test_a_failed_gate_leaves_no_verdict_whatever_is_claimed(gated: Findings) -> None:
    """Nor does moving the slider bring one back."""
    answers = Answers.of(("a run",), (gated,))
    words = {shown(answers, Wish(threshold=each))["judged"]["verdict"] for each in (-0.2, 0.2, 0.6)}
    assert words == {"NOT_MEASURABLE"}


def test_stalls_are_drawn_when_they_were(stalled_run: Callable[..., Run]) -> None:
    """In seconds since the first request."""
    run = stalled_run((0, 10_000, 300), (1, 20_000, 400))
    found = shown(Answers.of(("a run",), (Findings.of(run),)), Wish())["strip"]
    assert found["span_s"] == pytest.approx(PAIRS, abs=1)
    assert found["stalls"] == [[10.0, 10.3], [20.0, 20.4]]


def test_there_is_no_run_of_that_number(answers: Answers) -> None:
    """The message counts those there are."""
    with pytest.raises(FigureError, match="number 3 of 1"):
        answers.to(replace(Wish(), run=3))
