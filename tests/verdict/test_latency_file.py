"""Latencies from any other tool."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.analysis.decision import Verdict
from hhperf.errors import LatencyFileError
from hhperf.verdict.latency_file import load_latencies

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a CSV file and says where."""

    def to_file(text: str) -> Path:
        path = tmp_path / "latencies.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def test_columns_are_found_by_name(write: Write) -> None:
    """Order, case, spaces and further columns do not matter."""
    read = load_latencies(write("Treatment, control,url\n1.5,2,/a\n inf ,4,/b\n"))
    assert (read.control.tolist(), read.treatment.tolist()) == ([2, 4], [1.5, np.inf])
    assert (read.clusters, read.runs) == (None, None)


def test_labels_are_kept_as_text(write: Write) -> None:
    """A cluster may be named by anything."""
    read = load_latencies(write("control,treatment,cluster,run\n1,1,007,a\n1,1,7,b\n"))
    assert read.clusters is not None
    assert read.runs is not None
    assert (read.clusters.tolist(), read.runs.tolist()) == (["007", "7"], ["a", "b"])


def test_a_gzipped_file_is_read(tmp_path: Path) -> None:
    """The ending says that it is compressed."""
    path = tmp_path / "latencies.csv.gz"
    path.write_bytes(gzip.compress(b"control,treatment\n1,2\n"))
    assert load_latencies(path).treatment.tolist() == [2]


@pytest.mark.parametrize("word", ["", "fast", "nan", "-1", "0", "1,5 ms"])
def test_what_is_no_latency_is_named_by_line_and_field(write: Write, word: str) -> None:
    """The third line is wrong, and the message says so."""
    path = write(f'control,treatment\n1,1\n1,"{word}"\n')
    with pytest.raises(LatencyFileError, match=r"latencies\.csv:3: field 'treatment'"):
        load_latencies(path)


def test_a_short_line_is_named(write: Write) -> None:
    """A missing value is no latency."""
    with pytest.raises(LatencyFileError, match=r":2: field 'treatment': ''"):
        load_latencies(write("control,treatment\n1\n"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "no column 'control', only 'a', 'b'"),
        ("control,treatment\n", "no line of latencies"),
        ("", "not a CSV file"),
        ("control,treatment\n1,2,3,4\n1,2\n", "latencies"),
    ],
)
def test_a_file_of_another_form_is_refused(write: Write, text: str, said: str) -> None:
    """The message says what is missing."""
    with pytest.raises(LatencyFileError, match=said):
        load_latencies(write(text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """No traceback of the system's."""
    with pytest.raises(LatencyFileError, match="no such file"):
        load_latencies(tmp_path / "none.csv")


@given(st.lists(st.tuples(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9)), min_size=1, max_size=30))
def test_numbers_come_back_as_they_were_written(pairs: list[tuple[float, float]]) -> None:
    """No digit is lost between the file and the arrays."""
    import tempfile  # noqa: PLC0415 - a fixture would be shared by all examples

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.csv"
        path.write_text("control,treatment\n" + "".join(f"{a!r},{b!r}\n" for a, b in pairs))
        read = load_latencies(path)
    assert list(zip(read.control.tolist(), read.treatment.tolist(), strict=True)) == pairs


def test_several_runs_are_compared_by_run(write: Write) -> None:
    """Ten runs of forty pairs: the run is the unit, and a saving of 40% exceeds 20%."""
    rng = np.random.default_rng(2)
    lines = [
        f"{x},{0.6 * x * np.exp(0.02 * rng.standard_normal())},{run}"
        for run in range(10)
        for x in np.exp(0.1 * rng.standard_normal(40))
    ]
    comparison = load_latencies(write("control,treatment,run\n" + "\n".join(lines))).compare(
        quantiles=(0.5,)
    )
    assert (comparison.n_clusters, comparison["mean"].verdict) == (10, Verdict.EXCEEDS)


def test_the_repr_counts_and_does_not_list(write: Write) -> None:
    """Pairs, and what they are resampled by."""
    read = load_latencies(write("control,treatment,cluster\n1,2,a\n1,2,a\n1,2,b\n"))
    assert repr(read).endswith(", 3 pairs in 2 clusters)")


@pytest.mark.parametrize("absurd", ["1e308", "1e400", "1e-300"])
def test_a_number_that_is_no_latency_is_refused(write: Write, absurd: str) -> None:
    """One that only overflows to endless has not failed."""
    with pytest.raises(
        LatencyFileError, match=r"latencies\.csv:3: field 'treatment': .* up to 1e100"
    ):
        load_latencies(write(f"control,treatment\n1,Infinity\n1,{absurd}\n"))


def test_labels_that_look_like_nothing_are_labels(write: Write) -> None:
    """Three clusters, whatever they are called."""
    read = load_latencies(write("control,treatment,cluster\n1,1,NA\n1,1,null\n1,1,None\n"))
    assert read.clusters is not None
    assert read.clusters.tolist() == ["NA", "null", "None"]


def test_a_missing_column_is_one_of_the_first_line(write: Write) -> None:
    """The line of names."""
    with pytest.raises(LatencyFileError) as raised:
        load_latencies(write("a,b\n1,2\n"))
    assert raised.value.line == 1


def test_only_a_file_with_clusters_tells_of_them(write: Write) -> None:
    """In its line."""
    with_none = load_latencies(write("control,treatment\n1,2\n3,4\n"))
    assert repr(with_none).endswith("2 pairs)")
    with_two = load_latencies(write("control,treatment,cluster\n1,2,a\n3,4,b\n"))
    assert repr(with_two).endswith("2 pairs in 2 clusters)")
