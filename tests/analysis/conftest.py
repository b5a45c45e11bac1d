"""What the analysis tests share."""

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that gives the same numbers every time."""
    return np.random.default_rng(20_260_101)
