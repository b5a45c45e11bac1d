"""What somebody who looks asks to see."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from hhperf.errors import FigureError, unknown
from hhperf.runs.observation import Arm

AGAINST = (Arm.TREATMENT, Arm.CONTROL_AGAIN)
BRUSHES = ("latency", "quantile", "time")


@dataclass(frozen=True, slots=True)
class Brush:
    """A stretch of one picture, whose requests are picked out in all of them.

    Attributes:
        kind: `latency` (the control's, milliseconds), `quantile` (of the control, percent) or
            `time` (since the first request, seconds).
        low: where it begins.
        high: where it ends, included.
    """

    kind: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.kind not in BRUSHES:
            raise FigureError(f"brush: no kind {self.kind!r}: {unknown(self.kind, BRUSHES)}")
        if not self.low <= self.high:
            raise FigureError(f"brush: from {self.low:g} to {self.high:g} is no stretch")

    @classmethod
    def read(cls, said: object) -> "Brush | None":
        """As it comes from a page; None for none.

        Raises:
            FigureError: it is neither.
        """
        if said is None:
            return None
        if not isinstance(said, Mapping):
            raise FigureError(f"brush: {said!r} has no kind, low and high")
        low, high = sorted(number(f"brush.{end}", said.get(end)) for end in ("low", "high"))
        return cls(str(said.get("kind")), low, high)


@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """What would be different: the controls of the prediction.

    Attributes:
        schedule: an arm's name; empty for the control's own.
        factors: of stages' times, by stage; 1 leaves one as it is.
        cached: the lookups that their cache answers.
        pool_max: connections of both arms; 0 for as many as recorded.
        rate_hz: what is offered, requests a second; None for the run's own load.
    """

    schedule: str = ""
    factors: Mapping[str, float] = field(default_factory=dict)
    cached: tuple[str, ...] = ()
    pool_max: int = 0
    rate_hz: float | None = None

    @classmethod
    def read(cls, said: object) -> "What":
        """As it comes from a page.

        Raises:
            FigureError: a field is none, or of another kind.
        """
        if said is None:
            return cls()
        if not isinstance(said, Mapping):
            raise FigureError(f"what: {said!r} has no fields")
        known = known_fields("what", said, cls)
        factors, rate = known.get("factors") or {}, known.get("rate_hz")
        if not isinstance(factors, Mapping):
            raise FigureError(f"what.factors: {factors!r} has no stages")
        return cls(
            schedule=str(known.get("schedule", "")),
            factors={str(k): number(f"what.factors.{k}", v) for k, v in factors.items()},
            cached=tuple(map(str, known.get("cached") or ())),
            pool_max=int(number("what.pool_max", known.get("pool_max", 0))),
            rate_hz=None if rate is None else number("what.rate_hz", rate),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Where the controls stand.

    Attributes:
        run: which run, from 0; of a sweep by ascending load.
        against: what the control is compared with: the treatment, or its own second measurement.
        statistic: which saving is told, such as `p95`.
        threshold: the saving that is claimed.
        tenant: whose requests; empty for all.
        session: of which session; empty for all.
        brush: which of them are picked out; None for none.
        pair: whose timeline is shown; None for the slowest of those picked out.
        what: the changes to predict.
    """

    run: int = 0
    against: Arm = Arm.TREATMENT
    statistic: str = "p95"
    threshold: float = 0.20
    tenant: str = ""
    session: str = ""
    brush: Brush | None = None
    pair: int | None = None
    what: What = field(default_factory=What)

    def plain(self) -> dict[str, Any]:
        """As `read` takes it."""
        found = asdict(self)
        return found | {"against": self.against.value}

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Wish":
        """As it comes from a page: plain data of JSON.

        Raises:
            FigureError: a field is none, or of another kind.
        """
        known = known_fields("wish", said, cls)
        against, pair = str(known.get("against", Arm.TREATMENT)), known.get("pair")
        if against not in AGAINST:
            raise FigureError(f"against: {against!r}: {unknown(against, AGAINST)}")
        return cls(
            run=int(number("run", known.get("run", 0))),
            against=Arm(against),
            statistic=str(known.get("statistic", "p95")),
            threshold=number("threshold", known.get("threshold", 0.20)),
            tenant=str(known.get("tenant") or ""),
            session=str(known.get("session") or ""),
            brush=Brush.read(known.get("brush")),
            pair=None if pair is None else int(number("pair", pair)),
            what=What.read(known.get("what")),
        )


def known_fields(name: str, said: Mapping[str, Any], kind: type) -> Mapping[str, Any]:
    """The same fields.

    Raises:
        FigureError: one is none of the kind's.
    """
    names = [each.name for each in fields(kind)]
    for each in said:
        if each not in names:
            raise FigureError(f"{name}: no field {each!r}: {unknown(each, names)}")
    return said


def number(name: str, said: object) -> float:
    """The same number.

    Raises:
        FigureError: it is none.
    """
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        raise FigureError(f"{name}: {said!r} is no number")
    return float(said)
