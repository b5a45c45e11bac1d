"""Several comparisons side by side."""

from dataclasses import replace

import numpy as np
import pytest

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import Verdict
from hhperf.analysis.savings import compare_samples
from hhperf.show.comparisons import Comparisons


@pytest.fixture
def comparison(rng: np.random.Generator) -> Comparison:
    """Of a saving of a third."""
    control = rng.lognormal(0, 0.5, 500)
    return compare_samples(control, 0.66 * control * rng.lognormal(0, 0.1, 500))


def with_p(comparison: Comparison, p_value: float, confidence: float = 0.95) -> Comparison:
    """The same with another p-value at p95."""
    results = tuple(
        replace(each, estimate=replace(each.estimate, p_value=p_value, confidence=confidence))
        for each in comparison.results
    )
    return replace(comparison, results=results)


def test_what_one_alone_would_show_many_may_not(comparison: Comparison) -> None:
    """Holm: of three the smallest p-value counts three times."""
    many = {name: with_p(comparison, 0.01) for name in "abc"}
    assert Comparisons({"a": many["a"]}, "p95").shown_by == ("a",)
    found = Comparisons(many, "p95")
    assert found.adjusted_p_values() == pytest.approx(dict.fromkeys("abc", 0.03))
    assert found.shown_by == ()
    assert "is not shown (Holm's adjustment" in found.sentence


def test_a_run_that_was_looked_at_has_less_of_its_level_left(comparison: Comparison) -> None:
    """Its p-value grows as its intervals' error shrinks."""
    found = Comparisons({"a": with_p(comparison, 0.01, confidence=0.98)}, "p95")
    assert found.adjusted_p_values()["a"] == pytest.approx(0.025)


def test_what_has_no_verdict_shows_nothing(comparison: Comparison) -> None:
    """Whatever its p-value was before a gate failed."""
    voided = tuple(each.voided("a gate failed") for each in comparison.results)
    found = Comparisons({"a": replace(comparison, results=voided)}, "p95")
    assert found.results["a"].verdict is Verdict.NOT_MEASURABLE
    assert found.adjusted_p_values() == {"a": 1.0}


def test_there_is_one_table_and_one_figure(comparison: Comparison) -> None:
    """A row and an interval for each."""
    found = Comparisons({"a": comparison, "b": comparison}, "p50")
    assert [row[0] for row in found.table.rows] == ["a", "b"]
    labels = [each.get_text() for each in found.figure().axes[0].get_yticklabels()]
    assert labels == ["a\nexceeds", "b\nexceeds"]
    assert "p (Holm)" in found._repr_html_()
