"""A widget whose page asks and whose kernel answers; a still picture where no kernel runs."""

import time
from typing import Any

import anywidget
import traitlets

from hhperf.errors import HhperfError

Panels = dict[str, dict[str, Any]]


class Asking(anywidget.AnyWidget):
    """The page sets `asked`; every other trait is an answer to it.

    Attributes:
        asked: `number` of the question, and `wish`: where the controls stand.
        answered: `number` of the question that the panels answer, and the `ms` that it took.
        problem: what was wrong with a question; empty when nothing was.
    """

    asked = traitlets.Dict().tag(sync=True)
    answered = traitlets.Dict().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, wish: dict[str, Any], still: str) -> None:
        """Answer the first question.

        Args:
            wish: where the controls stand.
            still: HTML for where there is no kernel.
        """
        self._still = still
        super().__init__(asked={"number": 0, "wish": wish})
        self._answer()
        self.observe(self._on_asked, names="asked")

    def show(self) -> Panels:
        """What is asked: the panels that are known last. Those known before them are `put` at once.

        Raises:
            HhperfError: it cannot be answered.
        """
        raise NotImplementedError

    def put(self, panels: Panels) -> None:
        """Send those of the panels that are not what they were, in one message."""
        with self.hold_sync():
            for name, panel in panels.items():
                if getattr(self, name) is not panel:
                    setattr(self, name, panel)

    def _on_asked(self, _change: object) -> None:
        self._answer()

    def _answer(self) -> None:
        begun = time.perf_counter()
        panels: Panels = {}
        problem = ""
        try:
            panels = self.show()
        except HhperfError as error:  # the page goes on with what it had, and says why
            problem = str(error)
        with self.hold_sync():  # a second message would make the page wait for it
            self.put(panels)
            self.problem = problem
            took = round(1e3 * (time.perf_counter() - begun), 1)
            self.answered = {"number": self.asked.get("number", 0), "ms": took}

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and the still picture for whoever has no kernel: a stored or a sent page."""
        made = super()._repr_mimebundle_(**kwargs)
        data, metadata = made if isinstance(made, tuple) else (made, {})
        return {**(data or {}), "text/html": self._still}, metadata
