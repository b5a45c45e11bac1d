"""Reports on disk."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from hhperf.errors import RunError
from hhperf.show.card import Table
from hhperf.show.findings import Findings
from hhperf.show.report.html import to_html
from hhperf.show.report.junit import to_junit
from hhperf.show.report.markdown import to_comment, to_page
from hhperf.show.subject import Subject

MARKDOWN_PAGE = "report.md"
HTML_PAGE = "report.html"


class Format(StrEnum):
    """The forms that a report has."""

    HTML = "html"
    MARKDOWN = "markdown"
    JUNIT = "junit"


ENDINGS = {
    ".html": Format.HTML, ".htm": Format.HTML, ".md": Format.MARKDOWN, ".markdown": Format.MARKDOWN,
    ".xml": Format.JUNIT,
}  # fmt: skip
DEFAULT_NAMES = {
    Format.HTML: HTML_PAGE, Format.MARKDOWN: MARKDOWN_PAGE, Format.JUNIT: "report.xml",
}  # fmt: skip


def write_report(
    findings: Sequence[Findings], folder: Path, command: str, overview: Table | None = None
) -> Path:
    """Write one page for all the runs, as HTML and as Markdown with each run's picture beside it.

    Args:
        findings: of runs within the folder.
        folder: where the pages go.
        command: what made them.
        overview: stands before everything else.

    Returns:
        The page in HTML.

    Raises:
        RunError: the folder cannot be written.

    Example:
        >>> run = hhperf.load_run(hhperf.data_dir() / "runs" / "claim" / "plan")
        >>> findings = hhperf.Findings.of(run)  # doctest: +SKIP
        >>> page = hhperf.write_report([findings], run.path.parent, "by hand")  # doctest: +SKIP
    """
    pictures = {
        each.title: each.save_picture(each.run.path).relative_to(folder).as_posix()
        for each in findings
    }
    write_text(folder / MARKDOWN_PAGE, to_page(findings, command, pictures, overview))
    page = folder / HTML_PAGE
    write_text(page, to_html(findings, command, overview))
    return page


def render(
    subjects: Sequence[Subject], command: str, form: Format, *, fail_on_below: bool = False
) -> str:
    """A report in one of its forms.

    Args:
        subjects: one or more.
        command: what makes the report.
        form: of the report.
        fail_on_below: of test cases, whether only BELOW is a failure.
    """
    match form:
        case Format.HTML:
            return to_html(subjects, command)
        case Format.MARKDOWN:
            return to_comment(subjects, command)
        case Format.JUNIT:
            return to_junit(subjects, fail_on_below=fail_on_below)


def format_of(path: Path) -> Format:
    """The form that a file's name asks for.

    Raises:
        RunError: its ending says nothing.
    """
    try:
        return ENDINGS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(ENDINGS)
        raise RunError(
            f"{path}: its ending does not say what to write; use one of {known}, or --format"
        ) from None


def write_text(path: Path, text: str) -> None:
    """Write a file, and the folders to it.

    Raises:
        RunError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error}") from error
