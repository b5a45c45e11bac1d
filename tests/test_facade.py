"""The names that notebooks and scripts import."""

import inspect
import subprocess
import sys

import pytest

import hhperf


@pytest.mark.parametrize("name", hhperf.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    """Each name of the facade leads to something documented."""
    assert getattr(hhperf, name).__doc__


@pytest.mark.parametrize("name", hhperf.__all__)
def test_a_function_tells_its_arguments(name: str) -> None:
    """What `hhperf.compare?` shows in a notebook is enough to call it."""
    named = getattr(hhperf, name)
    if inspect.isfunction(named) and (parameters := inspect.signature(named).parameters):
        told = (named.__doc__ or "").partition("Args:")[2]
        assert [each for each in parameters if f"{each}: " not in told] == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A slip in a name is answered as Python answers it."""
    with pytest.raises(AttributeError, match="compair"):
        hhperf.compair  # type: ignore[attr-defined]  # noqa: B018


def test_importing_the_facade_loads_nothing_heavy() -> None:
    """`import hhperf` alone loads no client and no data library."""
    code = "import sys, hhperf; print(*sorted({'pandas', 'asyncpg', 'httpx'} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == ""
