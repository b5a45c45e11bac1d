"""A run's findings as a page of Markdown and a picture, written beside the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from hhperf.analysis import (
    Comparison,
    Estimate,
    PerRequest,
    SequentialPath,
    ShiftFunction,
    make_pairs,
    per_request,
    score_saving,
    shift_function,
)
from hhperf.analysis.ranks import measurable
from hhperf.breakdown import Breakdown, break_down
from hhperf.comparing import QUANTILES, cluster_codes, compare, sequence_of
from hhperf.narrative import (
    conditions_sentence,
    explanation,
    path_sentence,
    title_of,
    verdict_sentence,
)
from hhperf.plots import verdict_figure
from hhperf.runs import Run
from hhperf.tables import (
    Table,
    gates_table,
    latency_table,
    per_request_table,
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
        per_request: what single requests gain.
        opinions: the score test's interval at each measurable quantile, a second opinion.
        shift: the saving at every quantile, with a simultaneous band; None for a run too short.
        path: the confidence sequence of a run that stopped on its verdict, else None.
    """

    title: str
    run: Run
    comparison: Comparison
    breakdown: Breakdown
    per_request: PerRequest
    opinions: Mapping[str, Estimate]
    shift: ShiftFunction | None
    path: SequentialPath | None

    @classmethod
    def of(cls, run: Run, *, title: str = "", threshold: float = 0.20, seed: int = 0) -> "Findings":
        """Analyse a run of this kit's own arms; without a title it is named by what it compares.

        Raises:
            RunError: the run has no pair to compare.
        """
        pairs = run.pairs()
        _, codes, _ = cluster_codes(pairs)
        arms = (pairs.control, pairs.treatment, codes)
        return cls(
            title=title or title_of(run),
            run=run,
            comparison=compare(run, threshold=threshold, seed=seed),
            breakdown=break_down(run),
            per_request=per_request(*arms, threshold=threshold),
            opinions={
                f"p{100 * q:g}": score_saving(make_pairs(*arms), q, threshold=threshold)
                for q in QUANTILES
                if measurable(q, len(pairs))
            },
            shift=shift_function(*arms, seed=seed) if measurable(0.5, len(pairs)) else None,
            path=sequence_of(run, pairs),
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in reading order."""
        return (
            latency_table(self.run),
            savings_table(self.comparison, self.opinions),
            per_request_table(self.per_request),
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
            *([] if self.path is None else [path_sentence(self.path)]),
            *explanation(self.breakdown),
            *(f"Note: {warning}." for warning in dict.fromkeys(warned)),
        )

    def figure(self) -> Figure:
        """The latency distributions and the savings."""
        caption = conditions_sentence(self.run, self.breakdown)
        return verdict_figure(self.run, self.comparison, caption, shift=self.shift, path=self.path)

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
