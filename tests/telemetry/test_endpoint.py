"""Spans are sent where an endpoint is named, and nothing is loaded where none is."""

import builtins
import subprocess
import sys
from typing import Any

import pytest

from hhperf.telemetry.endpoint import connected

NAMED = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    "environment", [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, {**NAMED, "OTEL_SDK_DISABLED": "true"}]
)
def test_nothing_is_sent_unless_an_endpoint_is_named(environment: dict[str, str]) -> None:
    """Nor where the SDK is turned off."""
    assert connected("hhperf", environment) is None


def test_an_extra_that_is_missing_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable may be set for everything on a machine: it stops nothing."""
    imported = builtins.__import__

    def without_sdk(name: str, *rest: Any) -> Any:
        if name.startswith("hhperf.telemetry.sdk_spans"):
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_sdk)
    with pytest.warns(UserWarning, match=r"pip install 'hhperf\[otel\]'"):
        assert connected("hhperf", NAMED) is None


def test_the_sdk_is_not_loaded_for_nothing() -> None:
    """Neither by the service nor by the generator."""
    code = (
        "import sys, hhperf.search.service, hhperf.harness.http_target;"
        "print({'hhperf.telemetry.sdk_spans', 'opentelemetry.exporter'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
