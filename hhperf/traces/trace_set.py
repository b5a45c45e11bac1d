"""Imported traces, read-only: columns on disk, mapped into memory as they are needed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hhperf.errors import TraceError, unknown
from hhperf.shown import Displayed, counted

SPANS, TRACES, FACTS, STEPS = "spans.arrow", "traces.arrow", "traces.json", "steps.toml"
FORMAT = 1
MOVED_NS = 1_000
"""A clock that was moved by less is not said to be skewed: Jaeger and Zipkin round to this."""

Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """What an import read, and what it left out or met.

    Attributes:
        files: names, with how many spans each has.
        damaged: what is wrong with files of which only a part was read.
        keep: the attributes that traces keep.
        texts: services, operations and attribute values, by number.
        links: spans named by others that are not their children.
        resent: spans that say that they repeat one that failed.
        unfinished: spans without an end, left out.
        repeated: spans that were there twice, left out.
        circular: spans that are their own ancestors.
        format_version: of the folder.
    """

    files: list[dict[str, Any]]
    damaged: list[str]
    keep: list[str]
    texts: list[str]
    links: int
    resent: int
    unfinished: int
    repeated: int
    circular: int
    format_version: int = FORMAT


@dataclass(frozen=True, slots=True)
class TraceSet(Displayed):
    """Traces, made by `load_traces`.

    Attributes:
        path: the folder.
        facts: what the import read and met.

    Example:
        >>> traces = hhperf.load_traces("traces")
        >>> len(traces)
        400
    """

    path: Path
    facts: Facts = field(repr=False)

    def __len__(self) -> int:
        return len(self.traces["first"])

    def __repr__(self) -> str:
        spans = counted(len(self.spans["trace"]), "span")
        return f"TraceSet({str(self.path)!r}, {counted(len(self), 'trace')}, {spans})"

    @property
    def spans(self) -> dict[str, Column]:
        """Columns of the spans: by trace, then by start; `parent` is a row, -1 for a root."""
        return _columns(self.path / SPANS)

    @property
    def traces(self) -> dict[str, Column]:
        """Columns of the traces, one row each."""
        return _columns(self.path / TRACES)

    def texts(self, codes: Column) -> list[str]:
        """What numbers of services and operations stand for."""
        return [self.facts.texts[code] for code in codes]

    def weights(self) -> NDArray[np.float64] | None:
        """How many traces each stands for; None where all stand for as many, or none says it.

        Those that do not say it beside some that do count as one.
        """
        said = self.traces["weight"]
        known = np.where(said > 0, said, 1.0)
        return None if np.ptp(known) == 0 else known

    def kept(self, name: str) -> list[str | None]:
        """An attribute of each trace.

        Raises:
            TraceError: the import did not keep it.
        """
        if name not in self.facts.keep:
            kept = unknown(name, self.facts.keep) if self.facts.keep else "There are none"
            raise TraceError(
                f"{self.path}: the traces do not keep the attribute {name!r}; {kept}. Import them"
                f" again with --keep {name}"
            )
        codes = self.traces[f"kept_{self.facts.keep.index(name)}"]
        return [None if code < 0 else self.facts.texts[code] for code in codes]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader has to know of these traces, in words."""
        return tuple(_told(self))


def load_traces(path: Path | str) -> TraceSet:
    """Open imported traces.

    Args:
        path: the folder that `hhperf trace import` or `import_traces` wrote.

    Raises:
        TraceError: it is none, or of a newer hhperf.

    Example:
        >>> hhperf.load_traces("traces")
        TraceSet('traces', 400 traces, 5,566 spans)
    """
    folder = Path(path)
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        version = facts.get("format_version", 0)
        if version > FORMAT:
            raise TraceError(f"{folder}: a newer hhperf wrote it (format {version}); update hhperf")
        return TraceSet(folder, Facts(**facts))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise TraceError(
            f"{folder}: holds no imported traces ({error}); `hhperf trace import FILES {folder}`"
            " makes them"
        ) from error


def _columns(path: Path) -> dict[str, Column]:
    try:
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
            return {name: table[name].to_numpy() for name in table.column_names}
    except (OSError, pa.ArrowInvalid) as error:
        raise TraceError(f"{path}: cannot be read ({error}); import the traces again") from error


def _told(traces: TraceSet) -> Sequence[str]:
    table, facts, n = traces.traces, traces.facts, len(traces)
    met = {
        "{} of {} traces had clocks that disagree; they were moved by up to "
        f"{table['skew_ns'].max() / 1e6:,.3g} ms": table["skew_ns"] > MOVED_NS,
        "of {} of {} traces no offset fits all spans of a clock": table["torn"],
        "{} of {} traces lack spans that others name as parents": table["orphans"] > 0,
        "{} of {} traces have several roots": table["roots"] > 1,
        "{} of {} traces have no root": table["roots"] == 0,
        "{} of {} traces were kept by a tail policy": table["tail"],
    }
    counts = {
        "without an end were left out": facts.unfinished,
        "were there twice and count once": facts.repeated,
        "are their own ancestors": facts.circular,
        "say that they repeat one that failed": facts.resent,
        "are linked to and are nobody's children by that": facts.links,
    }
    said = [f"a file was not read to its end: {each}" for each in facts.damaged]
    said += [
        words.format(f"{int(np.sum(mask)):,}", f"{n:,}")
        for words, mask in met.items()
        if mask.any()
    ]
    said += [f"{counted(count, 'span')} {words}" for words, count in counts.items() if count]
    weighed = int((table["weight"] > 0).sum())
    if 0 < weighed < n:
        said.append(f"{n - weighed:,} of {n:,} traces do not say how many they stand for: one each")
    return said
