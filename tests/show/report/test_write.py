"""Reports on disk."""

from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.show.findings import Findings
from hhperf.show.report.write import Format, format_of, write_report, write_text
from tests.show.report.made import write_pairs


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("r.html", Format.HTML),
        ("R.HTM", Format.HTML),
        ("c.md", Format.MARKDOWN),
        ("j.xml", Format.JUNIT),
    ],
)
def test_the_ending_says_what_is_written(name: str, form: Format) -> None:
    """Whatever its case."""
    assert format_of(Path(name)) is form


def test_an_ending_that_says_nothing_is_refused() -> None:
    """The error names those that do."""
    with pytest.raises(RunError, match=r"report\.pdf: .* use one of \.html"):
        format_of(Path("report.pdf"))


def test_a_run_leaves_two_pages_and_its_picture(tmp_path: Path) -> None:
    """The page in HTML is the one to open."""
    findings = Findings.of(write_pairs(tmp_path / "run", pairs=60))
    assert write_report([findings], tmp_path, "hhperf run") == tmp_path / "report.html"
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert {"report.html", "report.md", "run/distributions.png"} <= written


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Such as a folder."""
    with pytest.raises(RunError, match="cannot be written"):
        write_text(tmp_path, "words")
