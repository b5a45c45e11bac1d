"""Query logs from what services, proxies and browsers write."""

from hhperf.workload.importers.importing import FORMATS, Imported, import_log

__all__ = ["FORMATS", "Imported", "import_log"]
