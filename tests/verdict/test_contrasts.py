"""Contrasts of group means."""

import math

import numpy as np
import pytest
from scipy import stats

from hhperf.verdict.contrasts import contrast

DIFFERENCE = np.array([[-1.0, 1.0]])


def test_two_groups_are_compared_as_a_t_test_does(rng: np.random.Generator) -> None:
    """The pooled one, where groups are of one size."""
    values, groups = rng.standard_normal(40), np.arange(40) % 2
    found = contrast(values[None], DIFFERENCE, groups, None)
    assert found is not None
    oracle = stats.ttest_ind(values[groups == 1], values[groups == 0])
    assert found.value / found.error == pytest.approx(oracle.statistic)
    assert found.degrees == oracle.df


def test_its_saving_is_the_ratio_s_complement(rng: np.random.Generator) -> None:
    """A log ratio of ln 0.9 saves 10%, and several questions widen its interval."""
    groups = np.arange(400) % 2
    values = math.log(0.9) * groups + 0.01 * rng.standard_normal(400)
    found = contrast(values[None], DIFFERENCE, groups, None)
    assert found is not None
    one, three = found.saving(0.99), found.saving(0.99, questions=3)
    assert one.point == pytest.approx(0.1, abs=0.005)
    assert three.lower < one.lower < one.point < one.upper < three.upper


def test_pairs_of_one_cluster_count_once(rng: np.random.Generator) -> None:
    """Ten copies of each pair are no more than one."""
    values, groups = rng.standard_normal(60), np.arange(60) % 2
    single = contrast(values[None], DIFFERENCE, groups, None)
    copied = contrast(
        np.repeat(values, 10)[None], DIFFERENCE, np.repeat(groups, 10), np.repeat(np.arange(60), 10)
    )
    assert single is not None
    assert copied is not None
    assert copied.error == pytest.approx(single.error)
    assert copied.degrees == single.degrees


def test_a_group_of_one_has_no_spread() -> None:
    """So there is no contrast."""
    assert contrast(np.ones((1, 3)), DIFFERENCE, np.array([0, 0, 1]), None) is None


def test_clusters_must_be_more_than_groups() -> None:
    """Two clusters say nothing of two groups."""
    groups = np.array([0, 1, 0, 1])
    assert contrast(np.ones((1, 4)), DIFFERENCE, groups, np.array([0, 0, 1, 1])) is None
