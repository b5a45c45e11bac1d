"""Reads the tables of a run, finished or not, and gives out nothing that is damaged."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hhperf.errors import RunError
from hhperf.runs.frames import Damage, Frame, read_frames
from hhperf.runs.journal import finished, growing
from hhperf.runs.pieces import Broken, Piece, broken_pieces

CURE = (
    "copy the run again from where it is whole, or load it with `undamaged_only=True`"
    " (--undamaged-only) to go on without"
)


class RunWarning(UserWarning):
    """A recorded run is readable, but not all of it."""


def warn(message: str) -> None:
    """Warn of what is left out; where it was asked for matters to nobody, it names its place."""
    warnings.warn(message, RunWarning, stacklevel=2)


@dataclass(frozen=True, slots=True)
class Care:
    """What files have to be, and what to do where they are not.

    Attributes:
        pieces: of each finished file, by its name, with their checksums; None for a run of an older
            format, which has none.
        undamaged_only: whether to leave out what is damaged, where it would be an error.
        say: told of what is left out, in words.
    """

    pieces: Mapping[str, Sequence[Piece]] | None = None
    undamaged_only: bool = False
    say: Callable[[str], None] = warn


def read_table(
    folder: Path,
    name: str,
    columns: Sequence[str] | None = None,
    categories: Sequence[str] = (),
    *,
    schema: pa.Schema,
    care: Care = Care(),
) -> pa.Table:
    """Read what there is of a table, finished or not.

    Args:
        folder: the run's folder.
        name: the table's name.
        columns: the columns to read; all of them when None.
        categories: text columns to hold as dictionaries, which saves most of their memory.
        schema: what the table has today; a column that an older version did not write is read as
            nulls.
        care: how what is damaged is found and met.

    Returns:
        An Arrow table; each category column has one dictionary for all its chunks.

    Raises:
        RunError: no file is there, or the one there is not readable or damaged.

    Warns:
        RunWarning: the file ends in the middle of a batch, or damage was left out.
    """
    path = _place(folder, name)
    try:
        if path.suffix == ".parquet":
            good = None if care.pieces is None else _good_groups(path, care.pieces, care)
            table = (
                _read_parquet(path, columns, categories, good)
                if good != []
                else schema.empty_table()
            )
        elif path.suffix == ".arrows":
            table = _read_stream(path, columns, care)
        else:
            table = _read_journal(path, columns, schema, care)
    except FileNotFoundError:
        raise RunError(f"{path}: is missing; copy the run's whole folder") from None
    except (OSError, pa.ArrowException) as error:
        raise RunError(f"{path}: is not readable ({error}); record the run again") from error
    return categorised(_completed(table, schema, columns), categories)


@dataclass(frozen=True, slots=True)
class Groups:
    """The row groups of a finished table that are to be read.

    Attributes:
        path: the file.
        numbers: of the groups, in order.
        rows: in each.
    """

    path: Path
    numbers: tuple[int, ...]
    rows: tuple[int, ...]


def checked_groups(folder: Path, name: str, care: Care) -> Groups | None:
    """The row groups of a finished table, checked against their checksums without reading them in.

    Returns:
        None for a table that is not finished.

    Raises:
        RunError: the file is not readable or damaged.

    Warns:
        RunWarning: damage was left out.
    """
    path = finished(folder, name)
    if not path.exists():
        return None
    try:
        good = None if care.pieces is None else _good_groups(path, care.pieces, care)
        if good == []:
            return Groups(path, (), ())
        with pq.ParquetFile(path) as file:
            numbers = tuple(range(file.num_row_groups) if good is None else good)
            rows = tuple(file.metadata.row_group(each).num_rows for each in numbers)
    except (OSError, pa.ArrowException) as error:
        raise RunError(f"{path}: is not readable ({error}); record the run again") from error
    return Groups(path, numbers, rows)


def finished_rows(folder: Path, name: str) -> int | None:
    """How many rows a finished table says it has; None where it is not finished or not readable."""
    path = finished(folder, name)
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException):
        return None


def read_groups(
    path: Path,
    numbers: Sequence[int],
    columns: Sequence[str],
    categories: Sequence[str] = (),
    *,
    schema: pa.Schema,
) -> pa.Table:
    """Read some row groups of a finished table that have been checked.

    Raises:
        RunError: the file is not there, or not readable.
    """
    try:
        table = _read_parquet(path, columns, categories, list(numbers))
    except (OSError, pa.ArrowException) as error:
        raise RunError(f"{path}: is not readable here ({error})") from error
    return categorised(_completed(table, schema, columns), categories)


def _place(folder: Path, name: str) -> Path:
    """The file of a table; a journal of an older format is a bare Arrow stream."""
    places = finished(folder, name), growing(folder, name), folder / f"{name}.arrows"
    return next((path for path in places if path.exists()), places[0])


def _good_groups(path: Path, pieces: Mapping[str, Sequence[Piece]], care: Care) -> list[int]:
    """The row groups that are as they were written; checked before anything parses the file."""
    known = pieces.get(path.name)
    if known is None:
        raise RunError(f"{path}: run.json has no checksums of it; {CURE.partition(',')[0]}")
    broken, last = list(broken_pieces(path, known)), len(known) - 1
    rows = sum(each.rows for each in known)
    if any(each.number >= last for each in broken):
        begins = sum(each.length for each in known[:-1])
        said = f"its footer (bytes {begins:,} to the end), without which no row can be found"
        _leave_out(path, said, f"all {rows:,}", care)
        return []
    if broken:
        lost = sum(each.rows for each in broken)
        _leave_out(path, ", ".join(map(_group_in_words, broken)), f"{lost:,} of {rows:,}", care)
    return sorted(set(range(last)) - {each.number for each in broken})


def _group_in_words(group: Broken) -> str:
    return f"row group {group.number} (bytes {group.begins:,} to {group.ends:,})"


def _leave_out(path: Path, said: str, lost: str, care: Care) -> None:
    """Go on without what is damaged where that was asked for."""
    if not care.undamaged_only:
        raise RunError(f"{path}: is damaged in {said}: {lost} {path.stem} are lost; {CURE}")
    care.say(f"{path}: damaged {said} left out: {lost} {path.stem} lost")


def _read_parquet(
    path: Path, columns: Sequence[str] | None, categories: Sequence[str], groups: list[int] | None
) -> pa.Table:
    with pq.ParquetFile(
        path, read_dictionary=list(categories), page_checksum_verification=True
    ) as file:
        wanted = _there(file.schema_arrow.names, columns)
        return file.read(wanted) if groups is None else file.read_row_groups(groups, wanted)


def _read_journal(
    path: Path, columns: Sequence[str] | None, schema: pa.Schema, care: Care
) -> pa.Table:
    """Frame by frame; the first holds the schema, which is today's where it is lost."""
    with pa.memory_map(str(path)) as source:
        found = list(read_frames(source))
    if damages := [each for each in found if isinstance(each, Damage)]:
        said = ", ".join(f"bytes {each.begins:,} to {each.ends:,}" for each in damages)
        _leave_out(path, said, _lost(damages), care)
    frames = [each for each in found if isinstance(each, Frame)]
    if len(frames) + len(damages) < len(found):
        care.say(_torn(path))
    has_schema = found and isinstance(found[0], Frame)
    written = pa.ipc.read_schema(frames.pop(0).payload) if has_schema else schema
    batches = [pa.ipc.read_record_batch(each.payload, written) for each in frames]
    table = pa.Table.from_batches(batches, written)
    return table.select(_there(table.column_names, columns))


def _lost(damages: Sequence[Damage]) -> str:
    lost = f"{sum(each.rows or 0 for each in damages):,}"
    return f"{lost} or more" if any(each.rows is None for each in damages) else lost


def _read_stream(path: Path, columns: Sequence[str] | None, care: Care) -> pa.Table:
    """A journal of an older format; it has no checksums, and its buffers are looked through."""
    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_stream(source)
        table = pa.Table.from_batches(_whole_batches(reader, path, care), reader.schema)
    return table.select(_there(table.column_names, columns))


def _whole_batches(
    reader: pa.RecordBatchStreamReader, path: Path, care: Care
) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            batch = reader.read_next_batch()
            batch.validate(full=True)
            yield batch
        except StopIteration:
            return
        except (OSError, pa.ArrowInvalid):
            care.say(_torn(path))
            return


def _torn(path: Path) -> str:
    return f"{path}: ends in the middle of a batch, left out"


def _there(names: Sequence[str], columns: Sequence[str] | None) -> list[str]:
    return [name for name in names if columns is None or name in columns]


def _completed(table: pa.Table, schema: pa.Schema, columns: Sequence[str] | None) -> pa.Table:
    wanted = schema.names if columns is None else list(columns)
    for name in wanted:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(len(table), schema.field(name).type))
    return table.select(wanted)


def categorised(table: pa.Table, categories: Sequence[str]) -> pa.Table:
    """With a dictionary for each of these columns, as they are read."""
    for name in categories:
        if name in table.column_names and not pa.types.is_dictionary(table[name].type):
            column = table.column_names.index(name)
            table = table.set_column(column, name, table[name].dictionary_encode())
    return table.unify_dictionaries()
