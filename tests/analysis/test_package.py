"""What importing the package costs."""

import subprocess
import sys

_PROGRAM = """
import sys, hhperf.analysis
for name in hhperf.analysis.__all__:
    getattr(hhperf.analysis, name)  # which is when the module it stands in is imported
print(*{name.split('.')[0] for name in sys.modules})
"""
_FOREIGN = {
    "pandas",
    "asyncpg",
    "redis",
    "httpx",
    "pyarrow",
    "matplotlib",
    "arch",
    "pydantic",
    "rich",
}


def test_importing_the_analysis_needs_numpy_and_scipy_only() -> None:
    """No client, no data frame and no test tool comes along."""
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert "scipy" in loaded
    assert not _FOREIGN & loaded
