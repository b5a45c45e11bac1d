"""The plugin for pytest: claims of recorded runs, and of tiny callables measured for real."""

import subprocess
import sys

import pytest

from hhperf.workload.shipped import data_dir
from tests.test_readme import blocks

pytest_plugins = ["pytester"]

HEAD = f"""
import asyncio
import hhperf
import pytest

LOG = hhperf.load_query_log().head(30)
RUN = {str(data_dir() / "runs" / "plan-rerank-off")!r}

async def old(request):
    await asyncio.sleep(0.002)

async def new(request):
    await asyncio.sleep(0)

"""


def outcome_of(pytester: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    """Run a file of tests in a session of their own."""
    pytester.makepyfile(HEAD + tests)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio", *options)


def test_a_claim_passes_where_the_verdict_is_the_one_claimed(pytester: pytest.Pytester) -> None:
    """And fails with the verdict's sentence where it is the other one; both are told at the end."""
    result = outcome_of(
        pytester,
        """
def test_holds(latency_claim):
    measured = latency_claim(RUN)
    measured.exceeds(0.20)
    measured.no_slower_than(0.05, at="mean")

def test_does_not_hold(latency_claim):
    latency_claim(RUN).below(0.20, at="p50")
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*Not shown: parallel saves less than 20.0% at p50 against sequential.",
            "*EXCEEDS: at p50, parallel saves *more than the 20.0% claimed*",
            "*latency claims*",
            "*test_holds: EXCEEDS: at p95, parallel saves *",
        ]
    )


def test_what_cannot_be_told_does_as_the_test_says(pytester: pytest.Pytester) -> None:
    """Measured here: thirty requests are too few for p99 whatever the machine does."""
    kept = pytester.path / "kept"
    result = outcome_of(
        pytester,
        """
@pytest.mark.latency_claim(at="p99", warm_up=2, not_measurable="skip")
def test_skips(latency_claim):
    latency_claim(old, new, LOG).exceeds(0.20)

@pytest.mark.latency_claim(at="p99", warm_up=2)
def test_fails(latency_claim):
    latency_claim(old, new, LOG).exceeds(0.20)

def test_makes_no_claim():
    pass
""",
        "-rs", "-m", "latency_claim", "--hhperf-runs", str(kept),
    )  # fmt: skip
    result.assert_outcomes(skipped=1, failed=1, deselected=1)
    result.stdout.fnmatch_lines(["SKIPPED*Not shown: new saves more than 20.0% at p99*"])
    assert len(list(kept.glob("*/run.json"))) == 2


def test_an_option_that_is_unknown_is_named(pytester: pytest.Pytester) -> None:
    """Before anything is measured."""
    result = outcome_of(
        pytester,
        """
def test_claim(latency_claim):
    latency_claim(old, new, LOG, inconclusive="ship").exceeds(0.20)
""",
    )
    result.stdout.fnmatch_lines(["*inconclusive is 'ship': did you mean skip?*"])


def test_the_plugin_loads_nothing_before_a_claim() -> None:
    """Sessions without claims do not wait for it."""
    code = "import sys, hhperf.pytest_plugin; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_readme_shows_a_test() -> None:
    """In a block of Python that could stand in a project."""
    assert any("latency_claim(" in block for block in blocks("python"))
