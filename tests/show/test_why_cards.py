"""How it looks where the time goes."""

import pytest

from hhperf.show.card import card_of
from hhperf.show.sentences import explanation
from hhperf.why.arm_time import ArmTime, Breakdown, CachedTime, StageTime, ToldTime

NAN = float("nan")
CACHED = CachedTime(answers=40, total_s=0.006, cache_s=0.002, remainder_s=0.004)


def service(name: str, *, service_s: float = 0.08, cached: CachedTime | None = None) -> ArmTime:
    """A service whose searches took 100 ms, and that tells of 76 of them."""
    told = ToldTime(1_200, 0.076, service_s, 0.076 / service_s, 0.024, cached)
    stages = {
        "retrieval": StageTime(0.076, 0.09, is_modelled=False, is_alone=False),
        "remainder": StageTime(0.024, 0.03, is_modelled=False, is_alone=False),
    }
    return ArmTime(name, stages, 0.1, NAN, NAN, told)


@pytest.fixture
def told() -> Breakdown:
    """Of two services: one tells no total of its own, one has a cache."""
    arms = service("http://a", service_s=NAN), service("http://b", cached=CACHED)
    return Breakdown(*arms, expectation=None, warnings=("a stage is too long",))


def test_services_have_no_schedule_to_show(told: Breakdown) -> None:
    """Their stages with the remainder, and their answers, cached ones apart."""
    card = card_of(told)
    stages, answers = card.tables
    assert stages.columns == ("stage", "http://a", "http://b", "p95, http://b")
    assert stages.rows[-1] == ("remainder", "24.0", "24.0", "30.0")
    assert answers.rows == (
        ("http://a", "searched", "1,200", "100", "–", "76.0", "–", "24.0"),
        ("http://b", "searched", "1,200", "100", "80.0", "76.0", "95.0%", "24.0"),
        ("http://b", "from the cache", "40", "6.00", "–", "2.00", "–", "4.00"),
    )
    assert card.warnings == ("a stage is too long",)


def test_it_is_told_in_sentences(told: Breakdown) -> None:
    """What the stages explain, and what they do not."""
    assert explanation(told) == [
        "http://a, at the median: the stages of 1,200 searches add up to 76.0 ms, and 24.0 of 100"
        " ms are in none.",
        "http://b, at the median: the stages of 1,200 searches add up to 76.0 ms, 95.0% of its own"
        " total, and 24.0 of 100 ms are in none; 40 answers came from its cache, in 2.00 of 6.00"
        " ms.",
    ]
