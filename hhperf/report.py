"""A run's findings as a page of Markdown and a picture, written beside the run."""

from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from hhperf.analysis import Comparison
from hhperf.breakdown import Breakdown, break_down
from hhperf.comparing import compare
from hhperf.narrative import conditions_sentence, explanation, verdict_sentence
from hhperf.plots import verdict_figure
from hhperf.runs import Run
from hhperf.tables import (
    Table,
    gates_table,
    latency_table,
    savings_table,
    schedule_table,
    stages_table,
)

PICTURE = "distributions.png"
PAGE = "report.md"
DATA_NOTE = "Queries and profiles are synthetic, made from real vocabulary and real arrival times."


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is said of one run.

    Attributes:
        title: which run it is.
        run: the run.
        comparison: savings, verdicts and gates.
        breakdown: where the time goes.
    """

    title: str
    run: Run
    comparison: Comparison
    breakdown: Breakdown

    @classmethod
    def of(cls, run: Run, title: str, *, threshold: float = 0.20, seed: int = 0) -> "Findings":
        """Analyse a run of this kit's own arms.

        Raises:
            RunError: the run has no pair to compare.
        """
        return cls(title, run, compare(run, threshold=threshold, seed=seed), break_down(run))

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in reading order."""
        return (
            latency_table(self.run),
            savings_table(self.comparison),
            gates_table(self.comparison.gates),
            stages_table(self.breakdown),
            schedule_table(self.breakdown),
        )

    @property
    def verdict(self) -> str:
        """The verdict in one sentence."""
        return verdict_sentence(self.run, self.comparison)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Conditions, explanation and warnings."""
        warned = [*self.comparison.warnings]
        warned += [w for each in self.comparison.results for w in each.estimate.warnings]
        return (
            conditions_sentence(self.run, self.breakdown),
            *explanation(self.breakdown),
            *(f"Note: {warning}." for warning in dict.fromkeys(warned)),
        )

    def figure(self) -> Figure:
        """The latency distributions and the savings."""
        caption = conditions_sentence(self.run, self.breakdown)
        return verdict_figure(self.run, self.comparison, caption)

    def save_picture(self, folder: Path) -> Path:
        """Write the figure as PNG."""
        path = folder / PICTURE
        self.figure().savefig(path)
        return path


def write_report(findings: list[Findings], folder: Path, command: str) -> Path:
    """Write one page for all the runs, each with its picture in the run's own folder."""
    sections = [_section(each, folder) for each in findings]
    page = folder / PAGE
    page.write_text(
        "\n\n".join(["# hhperf report", DATA_NOTE, f"Made by `{command}`.", *sections]) + "\n",
        encoding="utf-8",
    )
    return page


def _section(findings: Findings, folder: Path) -> str:
    picture = findings.save_picture(findings.run.path).relative_to(folder)
    metadata = findings.run.metadata
    versions = ", ".join(f"{name} {version}" for name, version in metadata.versions.items())
    servers = ", ".join(metadata.conditions.versions.values())
    tables = [f"**{table.title}**\n\n{table.to_markdown()}" for table in findings.tables]
    return "\n\n".join(
        [
            f"## {findings.title}",
            f"**{findings.verdict}**",
            f"![{findings.verdict}]({picture.as_posix()})",
            "\n".join(f"- {sentence}" for sentence in findings.sentences),
            *tables,
            f"{versions}, {servers}; {metadata.host.cores} cores ({metadata.host.cpu}),"
            f" {metadata.host.kernel}; seed {metadata.seed}; log {metadata.log.source}"
            f" (sha256 {metadata.log.sha256[:12]}).",
        ]
    )
