"""What is handed on: all that is said of a run as a page, a comment, or test cases for CI."""

from hhperf.report.findings import Findings
from hhperf.report.html import to_html
from hhperf.report.junit import to_junit
from hhperf.report.markdown import to_comment, to_page
from hhperf.report.provenance import DATA_NOTE, data_note
from hhperf.report.sources import Subject, find_subjects
from hhperf.report.sweeps import SweepFindings
from hhperf.report.write import Format, format_of, render, write_report, write_text

__all__ = [
    "DATA_NOTE",
    "Findings",
    "Format",
    "Subject",
    "SweepFindings",
    "data_note",
    "find_subjects",
    "format_of",
    "render",
    "to_comment",
    "to_html",
    "to_junit",
    "to_page",
    "write_report",
    "write_text",
]
