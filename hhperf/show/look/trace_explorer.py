"""The widget for traces: pairs of steps to tick, and what that is predicted to save."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import traitlets

from hhperf.show.look.asking import Asking, Panels
from hhperf.show.look.page import STYLE, page
from hhperf.show.look.ticks import Ticks
from hhperf.show.look.trace_answers import TraceAnswers, predicted_panel, ranked_panel
from hhperf.traces.declared import Declared, check_names, parse_independent
from hhperf.traces.possible import PossibleSavings
from hhperf.traces.steps_file import save_declared
from hhperf.traces.trace_set import STEPS

TRACE_PANELS = ("controls", "pairs", "said", "predicted", "ranked")


class TraceExplorer(Asking):
    """What `explore` shows of traces: ticking a pair says that neither step needs the other.

    Beside its wish, as `Ticks.read` takes it, a question may say `save`: to write what is ticked
    into the file of steps.
    """

    _esm = page("trace_explorer.js")
    _css = STYLE

    controls = traitlets.Dict().tag(sync=True)
    pairs = traitlets.Dict().tag(sync=True)
    said = traitlets.Dict().tag(sync=True)
    predicted = traitlets.Dict().tag(sync=True)
    ranked = traitlets.Dict().tag(sync=True)

    def __init__(self, answers: TraceAnswers, ticks: Ticks, still: str) -> None:
        """Show what is declared at first.

        Args:
            answers: of what is looked at.
            ticks: where the controls stand.
            still: HTML for where there is no kernel.
        """
        self._answers, self._ticks = answers, ticks
        super().__init__(ticks.plain(), still)

    def show(self) -> Panels:
        """Every panel, each as soon as it is known: what is ticked first, the ranking last."""
        asked = Ticks.read(self.asked["wish"])
        if asked.operation != self._ticks.operation:
            asked = self._answers.filed(asked.operation, asked.threshold)
        check_names(asked.declared, self._answers.evidence(asked.operation).structure)
        self._ticks = asked
        if self.asked.get("save"):
            self.save()
        if not self.controls:
            self.controls = self._answers.controls()
        self.pairs = self._answers.pairs(asked)
        self.said = self._answers.said(asked)
        self.predicted = predicted_panel(self._answers.possible(asked, ranked=False))
        return {"ranked": ranked_panel(self._answers.possible(asked))}

    @property
    def independent(self) -> tuple[tuple[str, str], ...]:
        """The pairs that are ticked, as `predict_savings` takes them."""
        return self._ticks.independent

    @property
    def declared(self) -> Declared:
        """All that is said: what is ticked, and what depends."""
        return self._ticks.declared

    @property
    def possible(self) -> PossibleSavings:
        """The prediction that is shown."""
        return self._answers.possible(self._ticks)

    @property
    def command(self) -> str:
        """A command line that predicts the same."""
        return str(self.said["command"])

    @property
    def toml(self) -> str:
        """The operation's part of the file of steps."""
        return str(self.said["toml"])

    def tick(self, *pairs: str | Sequence[str]) -> None:
        """Say of pairs that neither step needs the other; the page follows.

        Args:
            pairs: such as `embedding,specialty`, or a sequence of names.

        Raises:
            TraceError: a step is named that there is not.
        """
        self._say(self.declared | parse_independent(pairs))

    def untick(self, *pairs: str | Sequence[str]) -> None:
        """Take back what was said of pairs; of all that are ticked where none is named.

        Args:
            pairs: such as `embedding,specialty`, or a sequence of names.
        """
        gone = parse_independent(pairs).independent if pairs else self.declared.independent
        self._say(replace(self.declared, independent=self.declared.independent - gone))

    def save(self) -> Path:
        """Write what is ticked into the file of steps, which every prediction goes by.

        Raises:
            TraceError: the file cannot be written.
            TraceFileError: it is written so that the part cannot be found.
        """
        path = self._answers.traces.path / STEPS
        save_declared(path, self._answers.evidence(self._ticks.operation).structure, self.declared)
        return path

    def _say(self, declared: Declared) -> None:
        check_names(declared, self._answers.evidence(self._ticks.operation).structure)
        ticks = Ticks.of(self._ticks.operation, declared, self._ticks.threshold)
        number = self.asked.get("number", 0) + 1
        self.asked = {"number": number, "wish": ticks.plain()}
