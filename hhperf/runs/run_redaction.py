"""A recorded run that tells nothing of who asked for what, and means the same."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import pyarrow as pa

from hhperf.errors import RedactionError
from hhperf.pseudonyms import Pseudonyms
from hhperf.runs.columns import HEALTH, OBSERVATIONS
from hhperf.runs.metadata import LogFacts
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import write_run

KeptOfRun = Literal[
    "tenant", "session", "request_id", "text_key", "result_digest", "error", "source"
]
"""What a redaction can be told to keep; `source` is the log's name and the hash of its requests."""


def redact_run(
    run: Run, out: Path | str, pseudonyms: Pseudonyms, keep: frozenset[str] = frozenset()
) -> Run:
    """Write a run once more, with pseudonyms for whoever asked and for what was asked.

    Tenants, sessions, ids, keys of texts, digests of results, words of errors, the log's name and
    its hash are replaced; equal ones stay equal, so that savings, gates and verdicts stay what they
    are. What served the arms stays, and so do settings and labels.

    Args:
        run: any run.
        out: the folder of the new one, new or empty.
        pseudonyms: what is put in their place; the same for runs that must stay comparable.
        keep: what stays, by the names in `KeptOfRun`.

    Raises:
        RedactionError: there is no such thing to keep.
        RunError: the run is damaged, the folder is not empty or cannot be written.
    """
    if unknown := sorted(keep - set(get_args(KeptOfRun))):
        known = ", ".join(get_args(KeptOfRun))
        raise RedactionError(f"keep: a run has no '{unknown[0]}', use some of {known}")
    table = run.observations
    for name, hide in _hidden_by(pseudonyms).items():
        if name not in keep:
            column = table.column_names.index(name)
            table = table.set_column(column, OBSERVATIONS.field(name), _mapped(table[name], hide))
    log = run.metadata.log
    if "source" not in keep:
        log = LogFacts("a log, redacted", pseudonyms.name(log.sha256, 64), log.requests)
    folder = Path(out)
    tables = {"observations": table.cast(OBSERVATIONS), "health": run.health.cast(HEALTH)}
    conditions = replace(run.metadata.conditions, options={})  # they may name files and people
    write_run(folder, replace(run.metadata, log=log, conditions=conditions), tables)
    return load_run(folder)


def _hidden_by(pseudonyms: Pseudonyms) -> Mapping[str, Callable[[object], object]]:
    def name(original: object) -> str:
        return pseudonyms.name(str(original)) if original else ""

    def text(original: object) -> str:
        return pseudonyms.text(str(original))

    names = dict.fromkeys(("tenant", "session", "request_id", "result_digest"), name)
    return {**names, "text_key": pseudonyms.number, "error": text}


def _mapped(column: pa.ChunkedArray, hide: Callable[[object], object]) -> pa.ChunkedArray:
    """Each value replaced; once for all rows that have it."""
    whole = column.combine_chunks()
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    kind = whole.dictionary.type
    hidden = pa.array([hide(each) for each in whole.dictionary.to_pylist()], kind)
    return pa.chunked_array([hidden.take(whole.indices)])
