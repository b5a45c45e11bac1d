"""How much a notebook's live section measures."""

import httpx
import pytest

from hhperf.errors import SettingsError, StackError
from hhperf.experiment.in_notebooks import live, serving
from hhperf.stack.stack import Stack


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


def test_an_arm_answers_while_the_block_lasts(stack: Stack) -> None:
    """It is the arm that was asked for, and gone afterwards."""
    assert stack.embedded is not None
    with serving("eager", candidates=stack.embedded.corpus.candidates) as url:
        health = httpx.get(f"{url}/health", trust_env=False, timeout=30)
        assert health.json()["arm"] == "eager"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health", trust_env=False)


def test_a_service_that_cannot_start_says_why(stack: Stack) -> None:
    """Its last words are in the error."""
    assert stack.embedded is not None
    candidates = stack.embedded.corpus.candidates
    with (
        pytest.raises(StackError, match=r"ended with code 4: .*'nimble'"),
        serving("nimble", candidates=candidates),
    ):
        pass
