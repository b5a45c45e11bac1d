"""What is asked and when: query logs are read, checked and made here, purely and seeded."""

from hhperf.workload import schedules
from hhperf.workload.importers import Imported, import_log
from hhperf.workload.log import LoggedRequest, QueryLog
from hhperf.workload.make import Recipe, make_query_log
from hhperf.workload.reader import load_query_log
from hhperf.workload.redaction import Redaction, redacted
from hhperf.workload.summary import LogSummary, summarise
from hhperf.workload.writer import write_query_log

__all__ = [
    "Imported",
    "LogSummary",
    "LoggedRequest",
    "QueryLog",
    "Recipe",
    "Redaction",
    "import_log",
    "load_query_log",
    "make_query_log",
    "redacted",
    "schedules",
    "summarise",
    "write_query_log",
]
