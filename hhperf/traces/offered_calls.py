"""What calls meet each other under: the rate that is offered, the pools, and what both were."""

from dataclasses import dataclass

from hhperf.shown import Displayed, percent
from hhperf.traces.pools import Pool

_FULL = 0.9
"""The share of a pool in use from which its queue is spoken of."""
_FAR = 0.10
"""How far the simulated median may be from the recorded one, as a share, before it is told."""


@dataclass(frozen=True, slots=True)
class OfferedCalls(Displayed):
    """A load that was predicted under.

    Attributes:
        rate_hz: calls a second, over all processes.
        recorded_hz: that of the traces.
        processes: how many answer, each with pools of its own.
        pools: that calls queue for.
        in_use: of each pool the share of its connections that calls as recorded keep in use.
        waits: how it is known what steps waited for as they were recorded.
        waited_s: the mean wait of a call as recorded.
        window_s: the time that is resampled as a whole, as recorded.
        median_s: of the calls as recorded.
        simulated_s: the same of the model's control; with the recorded rate they should agree.
        warnings: what a reader has to know.
    """

    rate_hz: float
    recorded_hz: float
    processes: int
    pools: tuple[Pool, ...]
    in_use: tuple[float, ...]
    waits: str
    waited_s: float
    window_s: float
    median_s: float
    simulated_s: float

    @property
    def window(self) -> str:
        """What is resampled as a whole, in words."""
        return f"window of {self.window_s:,.3g} s"

    @property
    def is_recorded(self) -> bool:
        """Whether the rate is that of the traces."""
        return abs(self.rate_hz / self.recorded_hz - 1) < 1e-9

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader has to know."""
        said = [
            "calls queue for the pools named and for nothing else; what else makes them slower"
            " under load is taken as it was recorded"
        ]
        said += [
            f"{percent(used)} of pool {pool.name} would be in use as recorded: its queue grows as"
            " long as the load lasts, and savings hold for a load as long as that recorded alone"
            for pool, used in zip(self.pools, self.in_use, strict=True)
            if used > _FULL
        ]
        if self.is_recorded and abs(self.simulated_s / self.median_s - 1) > _FAR:
            said.append(
                f"the model's median of calls as they are is {1e3 * self.simulated_s:,.4g} ms, and"
                f" {1e3 * self.median_s:,.4g} ms was recorded: look at the pools' sizes and steps"
            )
        return tuple(said)

    def to_dict(self) -> dict[str, object]:
        """As plain data for JSON."""
        return {
            "rate_hz": self.rate_hz,
            "recorded_hz": self.recorded_hz,
            "processes": self.processes,
            "pools": [
                {"name": pool.name, "size": pool.size, "steps": list(pool.steps), "in_use": used}
                for pool, used in zip(self.pools, self.in_use, strict=True)
            ],
            "waited_s": self.waited_s,
            "window_s": self.window_s,
            "median_s": self.median_s,
            "simulated_s": self.simulated_s,
        }

    def __str__(self) -> str:
        pools = "; ".join(map(str, self.pools))
        over = f" over {self.processes:,} processes, each" if self.processes > 1 else ""
        return f"{self.rate_hz:,.3g} calls a second{over} with {pools}"
