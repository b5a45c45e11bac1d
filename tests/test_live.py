"""How much a notebook's live section measures."""

import pytest

from hhperf.errors import SettingsError
from hhperf.live import live


@pytest.mark.parametrize(("profile", "size"), [("ci", 24), ("full", 400), ("", 24)])
def test_the_environment_says_how_much(
    profile: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Little in checks and when nothing is said, much when asked for."""
    monkeypatch.setenv("HHPERF_PROFILE", profile)
    assert live(ci=24, full=400) == size


def test_without_the_variable_it_is_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that is only opened and run does not keep its reader waiting."""
    monkeypatch.delenv("HHPERF_PROFILE", raising=False)
    assert live(ci=1, full=2) == 1


def test_another_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable and what it may be."""
    monkeypatch.setenv("HHPERF_PROFILE", "fast")
    with pytest.raises(SettingsError, match="HHPERF_PROFILE is 'fast': use ci or full"):
        live(ci=1, full=2)
