"""A recorded run's control, and what its arms are simulated with: pool and load."""

import re
from dataclasses import dataclass, replace

import numpy as np

from hhperf.errors import ForecastError
from hhperf.forecast.changes import Changes, changed
from hhperf.forecast.offered import Arrivals, Load, Side
from hhperf.forecast.recorded import take_apart
from hhperf.forecast.taken_apart import Requests
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.run import Run
from hhperf.search.order import Waits

ENDLESS = 10**6
"""Connections where nothing is known to wait for one."""

POOL_MAX = "PGVECTOR_POOL_MAX"
MOSTLY_MODELLED = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """A run, ready to be predicted from."""

    run: Run
    requests: Requests
    pool: int | None
    load: Load | None

    @classmethod
    def of(
        cls,
        run: Run,
        *,
        control: str | None = None,
        inputs: Waits | None = None,
    ) -> "Basis":
        """Take its control apart; the load is the run's own."""
        requests = take_apart(run, schedule=control, inputs=inputs)
        pool = run.metadata.conditions.settings.get(POOL_MAX)
        return cls(run, requests, None if pool is None else int(pool), load_of(run))

    def under(
        self,
        rate_hz: float | None,
        seconds: float,
        rounds: int,
        arrivals: Arrivals | None = None,
    ) -> "Basis":
        """The same under a load; 0 for none, None for the run's own; known arrivals go first."""
        if arrivals is not None:
            return replace(self, load=Load.of_arrivals(arrivals))
        if rate_hz is None:
            return self
        burst = self.load.burst if self.load else 1
        return replace(self, load=Load(rate_hz, seconds, rounds, burst) if rate_hz else None)

    def with_changes(self, changes: Changes) -> Requests:
        """The recorded requests as they would be."""
        return changed(self.requests, changes, self.run.metadata.conditions.profile)

    def side(self, changes: Changes) -> Side:
        """An arm of the recorded requests as they would be.

        Raises:
            ForecastError: under a load the size of the pool is not known.
        """
        return self.side_of(self.with_changes(changes), changes)

    def side_of(self, requests: Requests, changes: Changes) -> Side:
        """The same of requests that are changed already."""
        pool = changes.pool_max or self.pool
        holds = any((part.held > 0).any() for part in requests.parts.values())
        if pool is None and holds and self.load is not None:
            raise ForecastError(
                f"{self.run.path}: does not say how many connections its pool has, and requests may"
                " wait for them: say it (pool_max=, --pool-max)"
            )
        return Side.of(requests, pool or ENDLESS, coalesced=changes.coalescing)


def load_of(run: Run) -> Load | None:
    """The load that a run was recorded under; None for pairs and closed loops."""
    design = run.metadata.design
    if not isinstance(design, SwitchbackDesign) or design.offered_hz is None:
        return None
    lasted = re.search(r"for ([\d.]+) s", design.load)
    bursts = re.search(r"in bursts of (\d+)", design.load)
    return Load(
        design.offered_hz,
        float(lasted[1]) if lasted else 20.0,
        max(design.rounds, 1),
        int(bursts[1]) if bursts else 1,
    )


def is_modelled(requests: Requests) -> bool:
    """Whether most of what the stages take is drawn, so that it takes no core."""
    own = sum(float(part.own.sum()) for part in requests.parts.values())
    drawn = sum(
        float(np.minimum(part.modelled, part.own).sum()) for part in requests.parts.values()
    )
    return drawn > MOSTLY_MODELLED * own
