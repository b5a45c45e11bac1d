"""Writing a query log back."""

import gzip
from collections.abc import Iterable
from pathlib import Path

from hhperf.errors import QueryLogError
from hhperf.workload.log import LoggedRequest


def write_query_log(log: Iterable[LoggedRequest], path: str | Path) -> None:
    """Write JSONL, compressed when the name ends in `.gz`. The same log gives the same bytes.

    Raises:
        QueryLogError: the name ends in neither `.jsonl` nor `.jsonl.gz`, or it cannot be written.
    """
    target = Path(path)
    if not target.name.endswith((".jsonl", ".jsonl.gz")):
        raise QueryLogError("cannot write this format; name it .jsonl or .jsonl.gz", path=str(path))
    content = "".join(request.to_json() + "\n" for request in log).encode()
    try:
        target.write_bytes(gzip.compress(content, mtime=0) if target.suffix == ".gz" else content)
    except OSError as error:
        raise QueryLogError(f"cannot be written: {error.strerror}", path=str(path)) from error
