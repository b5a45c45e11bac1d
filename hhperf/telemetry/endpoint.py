"""Whether spans are wanted, by OpenTelemetry's variables; where they are not, nothing is loaded."""

import os
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hhperf.telemetry.sdk_spans import Telemetry

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
MISSING = "{} is set, but no spans are sent: pip install 'hhperf[otel]'"


def connected(service: str, environment: Mapping[str, str] | None = None) -> "Telemetry | None":
    """What sends spans to the endpoint that the environment names; None where it names none.

    All else is the SDK's: its variables say how much is sampled and with which headers it is sent.

    Args:
        service: who the spans are of.
        environment: that of the process when None; of another only the endpoints are looked at.

    Warns:
        UserWarning: an endpoint is named, and the extra that sends is not installed.
    """
    variables = os.environ if environment is None else environment
    named = next((name for name in ENDPOINTS if variables.get(name)), None)
    if named is None or variables.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        from hhperf.telemetry.sdk_spans import Telemetry  # noqa: PLC0415  (an extra)
    except ImportError:
        warnings.warn(MISSING.format(named), stacklevel=2)
        return None
    return Telemetry.to_endpoint(service)
