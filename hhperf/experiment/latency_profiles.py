"""Latency profiles: how long each stage takes somewhere else, drawn and never measured here.

A profile is a TOML file; every stage in it names its distribution and the source of its numbers. A
delay depends on the stage and the request id alone, so all arms of a pair meet the same one
(common random numbers), and so does a replay of the same log tomorrow.
"""

import hashlib
import tomllib
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import exp
from pathlib import Path
from statistics import NormalDist
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hhperf.errors import ProfileError, unknown
from hhperf.shown import Displayed
from hhperf.workload.shipped import data_dir

Stage = Literal[
    "embedding", "specialty", "vector", "text", "statement", "ranking", "rerank", "cache_hit"
]
"""The stages a profile may model."""

Milliseconds = Annotated[float, Field(ge=0, le=60_000)]


class Delay(BaseModel, ABC):
    """A distribution of delays, by its quantile function.

    Attributes:
        source: where its numbers are from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Annotated[str, Field(min_length=1)]

    @abstractmethod
    def quantile_s(self, q: float) -> float:
        """The delay in seconds that a share q (0 to 1, exclusive) of all draws does not exceed."""

    @abstractmethod
    def describe(self) -> str:
        """The distribution in a few words, in milliseconds."""


class LognormalDelay(Delay):
    """shift + median × exp(sigma × z), z standard normal, cut off at `most_ms`."""

    distribution: Literal["lognormal"]
    median_ms: Milliseconds
    sigma: Annotated[float, Field(ge=0, le=3)]
    shift_ms: Milliseconds = 0.0
    most_ms: Milliseconds = 60_000.0

    def quantile_s(self, q: float) -> float:
        """The quantile in seconds."""
        spread = exp(self.sigma * NormalDist().inv_cdf(q))
        return min(self.shift_ms + self.median_ms * spread, self.most_ms) / 1e3

    def describe(self) -> str:
        """Median and 95th percentile."""
        return f"lognormal, {_middle_and_tail(self)}"


class GammaDelay(Delay):
    """shift + a gamma variate, cut off at `most_ms`."""

    distribution: Literal["gamma"]
    shape: Annotated[float, Field(gt=0, le=1e6)]
    scale_ms: Milliseconds
    shift_ms: Milliseconds = 0.0
    most_ms: Milliseconds = 60_000.0

    def quantile_s(self, q: float) -> float:
        """The quantile in seconds."""
        from scipy.special import gammaincinv  # noqa: PLC0415  (only such a profile needs it)

        beyond = self.scale_ms * float(gammaincinv(self.shape, q))
        return min(self.shift_ms + beyond, self.most_ms) / 1e3

    def describe(self) -> str:
        """Median and 95th percentile."""
        return f"gamma, {_middle_and_tail(self)}"


class UniformDelay(Delay):
    """Every value between two bounds alike."""

    distribution: Literal["uniform"]
    low_ms: Milliseconds
    high_ms: Milliseconds

    def quantile_s(self, q: float) -> float:
        """The quantile in seconds."""
        return (self.low_ms + q * (self.high_ms - self.low_ms)) / 1e3

    def describe(self) -> str:
        """Both bounds."""
        return f"uniform, {self.low_ms:.0f} to {self.high_ms:.0f} ms"


class TableDelay(Delay):
    """A published table of quantiles, straight lines between its points."""

    distribution: Literal["table"]
    quantiles: list[tuple[Annotated[float, Field(ge=0, le=1)], Milliseconds]]

    @model_validator(mode="after")
    def _rises(self) -> "TableDelay":
        points = self.quantiles
        if len(points) < 2 or points[0][0] != 0 or points[-1][0] != 1:
            raise ValueError("quantiles must start at 0 and end at 1")
        if any(a[0] >= b[0] or a[1] > b[1] for a, b in pairwise(points)):
            raise ValueError("quantiles must rise")
        return self

    def quantile_s(self, q: float) -> float:
        """The quantile in seconds."""
        right = min(bisect_right(self.quantiles, (q, float("inf"))), len(self.quantiles) - 1)
        (q0, low), (q1, high) = self.quantiles[right - 1], self.quantiles[right]
        return (low + (high - low) * (q - q0) / (q1 - q0)) / 1e3

    def describe(self) -> str:
        """Median and 95th percentile."""
        return f"table, {_middle_and_tail(self)}"


AnyDelay = Annotated[
    LognormalDelay | GammaDelay | UniformDelay | TableDelay, Field(discriminator="distribution")
]


class Correlation(BaseModel):
    """Of two stages of one request: of the normal scores of their delays (a Gaussian copula)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stages: tuple[Stage, Stage]
    rho: Annotated[float, Field(gt=-1, lt=1)]


class _File(BaseModel):
    """The content of a profile's file."""

    model_config = ConfigDict(extra="forbid")

    about: str = ""
    stages: dict[Stage, AnyDelay] = Field(default_factory=dict)
    correlations: list[Correlation] = Field(default_factory=list)

    @model_validator(mode="after")
    def _is_possible(self) -> "_File":
        for each in self.correlations:
            if each.stages[0] == each.stages[1] or not set(each.stages) <= self.stages.keys():
                raise ValueError(f"correlations: {list(each.stages)} must be two modelled stages")
        _factor(self.stages, self.correlations)
        return self


_NO_FIELDS = frozenset({"[key]", "lognormal", "gamma", "uniform", "table"})
"""What pydantic adds to the path of a field that is wrong."""


@dataclass(frozen=True)
class LatencyProfile(Displayed):
    """The modelled stages of one place.

    Attributes:
        name: as given to `--profile`.
        about: one line on what it stands for.
        stages: the distribution of each modelled stage; every other stage is measured.
        correlations: between stages of one request; none for stages that know nothing of another.

    Example:
        >>> profile = hhperf.load_profile("plan")
    """

    name: str
    about: str
    stages: Mapping[str, Delay] = field(default_factory=dict)
    correlations: tuple[Correlation, ...] = ()

    def __repr__(self) -> str:
        modelled = ", ".join(self.stages) or "nothing"
        return f"LatencyProfile({self.name!r}, modelled: {modelled})"

    def delay_s(self, stage: str, request_id: str) -> float:
        """The least time of this stage for this request, in seconds; 0 when not modelled."""
        delay = self.stages.get(stage)
        return 0.0 if delay is None else delay.quantile_s(self._share(stage, request_id))

    def _share(self, stage: str, request_id: str) -> float:
        """The share of all draws that this one is not below; correlated where that is said."""
        if not self.correlations:
            return _share(stage, request_id)
        normal, weights = NormalDist(), self._factor[stage]
        score = sum(
            weight * normal.inv_cdf(_share(each, request_id)) for each, weight in weights.items()
        )
        return min(max(normal.cdf(score), 2.0**-49), 1 - 2.0**-49)

    @cached_property
    def _factor(self) -> Mapping[str, Mapping[str, float]]:
        return _factor(self.stages, self.correlations)

    def describe(self) -> dict[str, str]:
        """Each modelled stage with its distribution and the source of its numbers."""
        return {
            stage: f"{delay.describe()} ({delay.source})" for stage, delay in self.stages.items()
        }

    @cached_property
    def sha256(self) -> str:
        """A hash of everything that decides the delays."""
        decides = repr(sorted(self.stages.items()))
        decides += repr(self.correlations) if self.correlations else ""
        return hashlib.sha256(decides.encode()).hexdigest()


def load_profile(name: str) -> LatencyProfile:
    """A shipped profile by its name, or one's own by the path of its TOML file.

    Args:
        name: such as `plan`, or a path that ends with `.toml`.

    Raises:
        ProfileError: there is none, or it cannot be used; the message names file and field.

    Example:
        >>> profile = hhperf.load_profile("plan")
    """
    if not isinstance(name, str):
        raise ProfileError(f"{name!r} is no latency profile, nor the name of one")
    path = Path(name) if name.endswith(".toml") else data_dir() / "profiles" / f"{name}.toml"
    try:
        content = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ProfileError(
            f"no latency profile '{name}': {unknown(name, profile_names())}; or name a .toml file"
        ) from None
    except ValidationError as error:
        raise ProfileError(f"{path}: {_first_problem(error)}") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: {error}") from error
    return LatencyProfile(
        path.stem, content.about, dict(content.stages.items()), tuple(content.correlations)
    )


def profile_names() -> list[str]:
    """The shipped profiles."""
    return sorted(path.stem for path in (data_dir() / "profiles").glob("*.toml"))


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_context=False)[0]
    names = (str(part) for part in problem["loc"] if part not in _NO_FIELDS)
    return f"{'.'.join(names)}: {problem['msg']}"


def _middle_and_tail(delay: Delay) -> str:
    return f"p50 {delay.quantile_s(0.5) * 1e3:.0f}, p95 {delay.quantile_s(0.95) * 1e3:.0f} ms"


def _factor(
    stages: Iterable[str], correlations: Iterable[Correlation]
) -> dict[str, dict[str, float]]:
    """Each stage's score as weights of independent ones: Cholesky's factor of the correlations.

    Raises:
        ValueError: no stages can be correlated so.
    """
    from numpy import eye  # noqa: PLC0415  (only such a profile needs it)
    from numpy.linalg import LinAlgError, cholesky  # noqa: PLC0415

    names = list(stages)
    matrix = eye(len(names))
    for each in correlations:
        one, other = map(names.index, each.stages)
        matrix[one, other] = matrix[other, one] = each.rho
    try:
        rows = cholesky(matrix).tolist() if names else []
    except LinAlgError:
        raise ValueError("correlations: together they are impossible") from None
    return {name: dict(zip(names, row, strict=True)) for name, row in zip(names, rows, strict=True)}


def _share(stage: str, request_id: str) -> float:
    """A number between 0 and 1 that depends on nothing else."""
    digest = hashlib.blake2b(f"{stage}\0{request_id}".encode("utf-8", "replace"), digest_size=6)
    return (int.from_bytes(digest.digest()) + 0.5) / 2**48
