"""Where shipped files are found."""

import gzip
from pathlib import Path

import pytest

from hhperf.errors import StackError
from hhperf.workload.shipped import data_dir, data_file, data_lines


def test_shipped_folder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a setting, the folder beside the package (or inside it) is used."""
    monkeypatch.delenv("HHPERF_DATA_DIR", raising=False)
    assert (data_dir() / "README.md").is_file()


def test_setting_names_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """HHPERF_DATA_DIR wins over the shipped folder."""
    monkeypatch.setenv("HHPERF_DATA_DIR", str(tmp_path))
    assert data_dir() == tmp_path


def test_missing_folder_names_the_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that is not there is an error that says what to mend."""
    monkeypatch.setenv("HHPERF_DATA_DIR", str(tmp_path / "gone"))
    with pytest.raises(StackError, match="HHPERF_DATA_DIR"):
        data_dir()


def test_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that is not there is named in the error."""
    monkeypatch.setenv("HHPERF_DATA_DIR", str(tmp_path))
    with pytest.raises(StackError, match=r"taxonomy\.tsv"):
        data_file("taxonomy.tsv")


def test_lines_are_those_of_a_packed_file_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whether a file is packed does not show in its lines."""
    monkeypatch.setenv("HHPERF_DATA_DIR", str(tmp_path))
    text = "São Paulo\tbr\n\nlast"
    (tmp_path / "plain.tsv").write_text(text, encoding="utf-8")
    (tmp_path / "packed.tsv.gz").write_bytes(gzip.compress(text.encode()))
    assert list(data_lines("plain.tsv")) == ["São Paulo\tbr", "", "last"]
    assert list(data_lines("packed.tsv.gz")) == list(data_lines("plain.tsv"))
