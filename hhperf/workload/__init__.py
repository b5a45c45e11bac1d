"""What is asked and when: query logs are read, checked and made here, purely and seeded."""

from hhperf.workload.log import LoggedRequest, QueryLog
from hhperf.workload.make import Recipe, make_query_log
from hhperf.workload.reader import load_query_log
from hhperf.workload.writer import write_query_log

__all__ = [
    "LoggedRequest",
    "QueryLog",
    "Recipe",
    "load_query_log",
    "make_query_log",
    "write_query_log",
]
