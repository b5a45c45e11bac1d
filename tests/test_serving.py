"""Arms as deployments of their own."""

import httpx
import pytest

from hhperf.errors import StackError
from hhperf.serving import serving
from hhperf.stack import Stack


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
