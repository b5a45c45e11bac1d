"""A comparison by itself: latencies of another tool have a verdict, and no requests to look at."""

from dataclasses import dataclass
from typing import Any

from hhperf.analysis.comparison import Comparison
from hhperf.runs.observation import Arm
from hhperf.show.look.judged import judged
from hhperf.show.look.wish import Wish
from hhperf.show.plots.language import COLOURS


@dataclass(frozen=True, slots=True)
class JudgedAlone:
    """What is shown of a comparison: its savings, and the verdict that follows the claim."""

    comparison: Comparison

    def to(self, wish: Wish, *, with_prediction: bool = True) -> dict[str, dict[str, Any]]:  # noqa: ARG002  (as `Answers.to` has it)
        """The panels that there are, by name."""
        controls = {
            "title": "",
            "latency": "latency",
            "runs": [""],
            "labels": {arm.value: arm.value for arm in (Arm.CONTROL, Arm.TREATMENT)},
            "colours": {arm.value: colour for arm, colour in COLOURS.items()},
            "statistics": [each.statistic for each in self.comparison.results],
            "tenants": [],
            "sessions": [],
        }
        return {
            "controls": controls,
            "judged": judged(self.comparison, wish.statistic, wish.threshold),
        }

    def nearest(self, wish: Wish, latency_ms: float) -> Wish:  # noqa: ARG002
        """The wish as it is: there is no request."""
        return wish
