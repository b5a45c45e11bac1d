"""Every table by its name, wherever it is made."""

from hhperf.analysis.tables import (
    gates_table,
    interval,
    path_table,
    per_request_table,
    plan_table,
    savings_table,
    shift_table,
)
from hhperf.breakdown import schedule_table, stages_table
from hhperf.display import Table, milliseconds, percent
from hhperf.runs.tables import ARM_WORDS, LATENCY_QUANTILES, latency_table, outcomes_table
from hhperf.stack.tables import parts_table

__all__ = [
    "ARM_WORDS",
    "LATENCY_QUANTILES",
    "Table",
    "gates_table",
    "interval",
    "latency_table",
    "milliseconds",
    "outcomes_table",
    "parts_table",
    "path_table",
    "per_request_table",
    "percent",
    "plan_table",
    "savings_table",
    "schedule_table",
    "shift_table",
    "stages_table",
]
