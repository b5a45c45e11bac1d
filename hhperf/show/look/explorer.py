"""The widget: controls in the page, answers from the kernel, a still picture where none runs.

It is an anywidget: one small ES module that draws SVG, tried in JupyterLab. The
other way, ipywidgets' own sliders beside a picture from matplotlib, cannot tell what was clicked or
dragged in the picture, nor does it follow the page's theme or a screen reader. What is sent when a
control moves is what has changed: a few hundred numbers.
"""

import time
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from hhperf.errors import HhperfError
from hhperf.show.look.answers import Answers
from hhperf.show.look.judged_alone import JudgedAlone
from hhperf.show.look.wish import Wish

HERE = Path(__file__).parent
PANELS = ("controls", "judged", "curves", "strip", "requests", "timeline", "levers", "predicted")


class Explorer(anywidget.AnyWidget):
    """What `explore` shows. The page sets `asked`; every other trait is an answer to it.

    Attributes:
        asked: `number` of the question, `wish` as `Wish.read` takes it, whether somebody is
            `looking` at the prediction, and `near`: a latency in ms whose request is wanted.
        answered: `number` of the question that the panels answer, and the `ms` that it took.
        problem: what was wrong with a question; empty when nothing was.
    """

    _esm = HERE / "explorer.js"
    _css = HERE / "explorer.css"

    asked = traitlets.Dict().tag(sync=True)
    answered = traitlets.Dict().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    controls = traitlets.Dict().tag(sync=True)
    judged = traitlets.Dict().tag(sync=True)
    curves = traitlets.Dict().tag(sync=True)
    strip = traitlets.Dict().tag(sync=True)
    requests = traitlets.Dict().tag(sync=True)
    timeline = traitlets.Dict().tag(sync=True)
    levers = traitlets.Dict().tag(sync=True)
    predicted = traitlets.Dict().tag(sync=True)

    def __init__(self, answers: Answers | JudgedAlone, wish: Wish, still: str) -> None:
        """Show where the controls stand at first.

        Args:
            answers: of what is looked at.
            wish: where the controls stand.
            still: HTML for where there is no kernel.
        """
        self._answers, self._still = answers, still
        super().__init__(asked={"number": 0, "wish": wish.plain()})
        self._answer()
        self.observe(self._on_asked, names="asked")

    def _on_asked(self, _change: object) -> None:
        self._answer()

    def _answer(self) -> None:
        begun = time.perf_counter()
        with self.hold_sync():
            try:
                self._show(Wish.read(self.asked["wish"]))
                self.problem = ""
            except HhperfError as error:  # the page goes on with what it had, and says why
                self.problem = str(error)
            took = round(1e3 * (time.perf_counter() - begun), 1)
            self.answered = {"number": self.asked.get("number", 0), "ms": took}

    def _show(self, wish: Wish) -> None:
        near = self.asked.get("near")
        found = self._answers.to(
            wish if near is None else self._answers.nearest(wish, float(near)),
            with_prediction=bool(self.asked.get("looking")),
        )
        for name, panel in found.items():
            if getattr(self, name) is not panel:
                setattr(self, name, panel)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and the still picture for whoever has no kernel: a stored or a sent page."""
        made = super()._repr_mimebundle_(**kwargs)
        data, metadata = made if isinstance(made, tuple) else (made, {})
        return {**(data or {}), "text/html": self._still}, metadata
