"""Recorded runs that predictions are held against."""

import pytest

from hhperf.runs.run import Run, load_run
from hhperf.workload.shipped import data_dir


@pytest.fixture(scope="session")
def shipped_run() -> Run:
    """Pairs under the plan's budgets: parallel against sequential."""
    return load_run(data_dir() / "runs/claim/plan")


@pytest.fixture(scope="session")
def loaded_run() -> Run:
    """The least load of the shipped sweep, with 20 connections: 168 requests of each arm."""
    return load_run(data_dir() / "runs/sweep-plan/pool-20/000004.200")
