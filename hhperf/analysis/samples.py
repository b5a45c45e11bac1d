"""Latencies, checked once at the door; everything behind it may trust them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hhperf.errors import SampleError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

LARGEST = 1e100


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Latencies of the same requests under two arms.

    Attributes:
        control: shape (n,), any unit, positive; +inf is a failed request.
        treatment: the same for the other arm.
        clusters: shape (n,), codes 0..n_clusters-1 of what is sampled as a whole, or None when
            each pair stands for itself.
        n_clusters: how many things are sampled.
        weights: how many pairs each stands for, shape (n,), with mean 1; None for one each.
    """

    control: FloatArray
    treatment: FloatArray
    clusters: IntArray | None
    n_clusters: int
    weights: FloatArray | None = None

    def __repr__(self) -> str:
        clusters = "" if self.clusters is None else f" in {self.n_clusters:,} clusters"
        return f"Pairs({self.n:,} pairs{clusters})"

    @property
    def n(self) -> int:
        """Number of pairs."""
        return len(self.control)

    @property
    def cluster_sizes(self) -> IntArray:
        """Pairs in each cluster, shape (n_clusters,)."""
        if self.clusters is None:
            return np.ones(self.n, dtype=np.intp)
        return np.bincount(self.clusters, minlength=self.n_clusters).astype(np.intp)

    def cluster_sums(self, values: NDArray[Any]) -> FloatArray:
        """Weighted sums of ``values`` (n,) by cluster; without clusters they stay by pair."""
        if self.weights is not None:
            values = self.weights * values
        if self.clusters is None:
            return np.asarray(values, dtype=np.float64)
        return np.bincount(self.clusters, weights=values, minlength=self.n_clusters).astype(
            np.float64
        )

    def truncated(self, timeout: float) -> "Pairs":
        """The same pairs, no latency above ``timeout``."""
        return Pairs(
            np.minimum(self.control, timeout),
            np.minimum(self.treatment, timeout),
            self.clusters,
            self.n_clusters,
            self.weights,
        )


def make_pairs(
    control: ArrayLike, treatment: ArrayLike, clusters: ArrayLike | None = None
) -> Pairs:
    """Check two arms and their clusters.

    Args:
        control: latencies of the control arm, any unit; +inf for a failed request.
        treatment: latencies of the treatment arm for the same requests, in the same order.
        clusters: one label per pair (numbers or text); pairs with the same label are resampled
            together. A missing label (None, NaN) is a cluster of its own.

    Returns:
        The checked pairs.

    Raises:
        SampleError: for empty, NaN, zero, negative or absurd latencies, or lengths that differ.
    """
    x, y = latencies(control, "control"), latencies(treatment, "treatment")
    if len(x) != len(y):
        raise SampleError(
            f"control has {len(x):,} latencies and treatment {len(y):,}: pairs need both"
        )
    if clusters is None:
        return Pairs(x, y, None, len(x))
    codes, count = factorize(clusters)
    if len(codes) != len(x):
        raise SampleError(f"clusters has {len(codes):,} labels for {len(x):,} pairs")
    return Pairs(x, y, codes, count)


def latencies(values: ArrayLike, name: str) -> FloatArray:
    """Check one arm: one dimension, positive, +inf for failures.

    Raises:
        SampleError: naming the first offending value.
    """
    try:
        array = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SampleError(f"{name}: latencies must be numbers ({error})") from error
    if array.ndim != 1:
        raise SampleError(f"{name}: latencies must have one dimension, not {array.ndim}")
    if array.size == 0:
        raise SampleError(f"{name}: there are no latencies")
    _refuse(name, array, np.isnan(array), "is NaN; a failed request is +inf, never NaN")
    _refuse(name, array, array < 0, "is negative")
    _refuse(name, array, array == 0, "is zero; use a finer clock, or its resolution instead")
    _refuse(name, array, beyond(array), "is beyond what can be reckoned with; take another unit")
    return array


def beyond(array: FloatArray) -> BoolArray:
    """Which latencies, shape (n,), are no latency in any unit: their squares would overflow."""
    return np.isfinite(array) & ((array > LARGEST) | (array < 1 / LARGEST))


def _refuse(name: str, array: FloatArray, bad: BoolArray, why: str) -> None:
    count = np.count_nonzero(bad)
    if count:
        first = int(np.argmax(bad))
        more = f" ({count:,} such values)" if count > 1 else ""
        raise SampleError(f"{name}[{first}] = {array[first]:g} {why}{more}")


def flags(values: ArrayLike, name: str) -> BoolArray:
    """Check one yes-or-no column, shape (n,).

    Raises:
        SampleError: when it is empty, not one-dimensional or holds anything but true and false.
    """
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise SampleError(f"{name}: one value per request is needed")
    if array.dtype != np.bool_ and not np.isin(array, (0, 1)).all():
        raise SampleError(f"{name}: only true and false can be counted")
    return array.astype(np.bool_)


def factorize(labels: ArrayLike) -> tuple[IntArray, int]:
    """Number labels 0..k-1 in sorted order, so that no result depends on the order of the pairs.

    Args:
        labels: shape (n,), numbers or text; None and NaN each get a number of their own.

    Returns:
        Codes of shape (n,), and how many distinct ones there are.

    Raises:
        SampleError: when ``labels`` does not have one dimension.
    """
    array = np.asarray(labels)
    if array.ndim != 1:
        raise SampleError(f"clusters must have one dimension, not {array.ndim}")
    if array.dtype.kind in "OUS":
        return _factorize_objects(array.tolist())
    codes = np.unique(array, return_inverse=True, equal_nan=False)[1].astype(np.intp)
    return codes, int(codes.max(initial=-1)) + 1


def _factorize_objects(labels: list[Any]) -> tuple[IntArray, int]:
    # Sorting the few distinct labels is several times faster than sorting all of them.
    known = {str(label) for label in labels if not _missing(label)}
    order = {label: code for code, label in enumerate(sorted(known))}
    codes = np.empty(len(labels), dtype=np.intp)
    count = len(order)
    for position, label in enumerate(labels):
        if _missing(label):
            codes[position] = count
            count += 1
        else:
            codes[position] = order[str(label)]
    return codes, count


def _missing(label: object) -> bool:
    return label is None or (isinstance(label, float) and math.isnan(label))
