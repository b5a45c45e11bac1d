"""What is in a query log, in figures."""

import json
from collections import Counter
from dataclasses import dataclass

import numpy as np

from hhperf.display import Card, Displayed, counted, duration
from hhperf.workload.log import LoggedRequest, QueryLog


@dataclass(frozen=True, slots=True)
class LogSummary(Displayed):
    """Figures of a query log; times in seconds, rates per second.

    Attributes:
        requests: how many.
        span_s: from the first to the last.
        rate_hz: the mean rate.
        peak_hz: the highest rate within any second counted from the first request.
        gap_p50_s: the median gap between two requests.
        gap_p99_s: the 99th percentile.
        longest_gap_s: the longest.
        gap_variation: the gaps' coefficient of variation; 1 for a Poisson process, more for bursts.
        repeated: the share of requests whose tenant and body came before.
        distinct_texts: how many different texts.
        tenants: requests of each, the busiest first.
        sessions: how many; 0 where the log has none.
        skipped: lines that could not be read.
    """

    requests: int
    span_s: float
    rate_hz: float
    peak_hz: float
    gap_p50_s: float
    gap_p99_s: float
    longest_gap_s: float
    gap_variation: float
    repeated: float
    distinct_texts: int
    tenants: dict[str, int]
    sessions: int
    skipped: int

    def __repr__(self) -> str:
        return f"LogSummary({counted(self.requests, 'request')} over {duration(self.span_s)})"

    def _card(self) -> Card:
        from hhperf.workload.tables import summary_card  # noqa: PLC0415  (it sums up logs)

        return summary_card(self)

    def __str__(self) -> str:
        """One line a fact."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The summary in words, a line each."""
        busiest = ", ".join(f"{name} {count:,}" for name, count in list(self.tenants.items())[:3])
        return [
            f"{self.requests:,} requests over {self.span_s:,.1f} s"
            + (f", {self.skipped:,} lines skipped" if self.skipped else ""),
            f"{self.rate_hz:.3g} requests/s, at most {self.peak_hz:.3g} in a second",
            f"gaps: median {self.gap_p50_s:.3g} s, p99 {self.gap_p99_s:.3g} s,"
            f" longest {self.longest_gap_s:.3g} s, variation {self.gap_variation:.2f}",
            f"{self.repeated:.1%} of requests repeat an earlier one;"
            f" {self.distinct_texts:,} distinct texts",
            f"{len(self.tenants):,} tenants ({busiest}), {self.sessions:,} sessions",
        ]


def summarise(log: QueryLog) -> LogSummary:
    """Count what is in a log.

    Args:
        log: of one request or more.
    """
    offsets = np.array([request.offset_s for request in log])
    gaps = np.diff(offsets) if len(offsets) > 1 else np.zeros(1)
    per_second = np.bincount((offsets - offsets[0]).astype(np.int64)) if len(log) else np.zeros(1)
    kinds = Counter(_kind(request) for request in log)
    texts = {_text(request) for request in log}
    mean = float(gaps.mean())
    return LogSummary(
        requests=len(log),
        span_s=log.span_s,
        rate_hz=1 / mean if mean > 0 else 0.0,
        peak_hz=float(per_second.max()),
        gap_p50_s=float(np.quantile(gaps, 0.5)),
        gap_p99_s=float(np.quantile(gaps, 0.99)),
        longest_gap_s=float(gaps.max()),
        gap_variation=float(gaps.std()) / mean if mean > 0 else 0.0,
        repeated=1 - len(kinds) / len(log) if len(log) else 0.0,
        distinct_texts=len(texts - {""}),
        tenants=dict(Counter(request.tenant for request in log).most_common()),
        sessions=len({request.session for request in log} - {None}),
        skipped=log.skipped,
    )


def _kind(request: LoggedRequest) -> str:
    return f"{request.tenant}\0{json.dumps(request.body, sort_keys=True, default=str)}"


def _text(request: LoggedRequest) -> str:
    texts = (str(request.body.get(name) or "") for name in ("query", "jobDescription"))
    return next((text.strip() for text in texts if text.strip()), "")
