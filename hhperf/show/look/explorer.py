"""The widget: controls in the page, answers from the kernel, a still picture where none runs.

It is an anywidget: one small ES module that draws SVG, tried in JupyterLab and in Notebook 7. The
other way, ipywidgets' own sliders beside a picture from matplotlib, cannot tell what was clicked or
dragged in the picture, nor does it follow the page's theme or a screen reader. What is sent when a
control moves is what has changed: a few hundred numbers.
"""

import traitlets

from hhperf.show.look.answers import Answers
from hhperf.show.look.asking import Asking, Panels
from hhperf.show.look.judged_alone import JudgedAlone
from hhperf.show.look.page import STYLE, page
from hhperf.show.look.wish import Wish

PANELS = (
    "controls", "judged", "curves", "strip", "picked", "requests", "timeline", "levers",
    "predicted",
)  # fmt: skip


class Explorer(Asking):
    """What `explore` shows of runs.

    Beside its wish, as `Wish.read` takes it, a question says whether somebody is `looking` at the
    prediction, and may say `near`: a latency in ms whose request is wanted.
    """

    _esm = page("explorer.js")
    _css = STYLE

    controls = traitlets.Dict().tag(sync=True)
    judged = traitlets.Dict().tag(sync=True)
    curves = traitlets.Dict().tag(sync=True)
    strip = traitlets.Dict().tag(sync=True)
    picked = traitlets.Dict().tag(sync=True)
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
        self._answers = answers
        super().__init__(wish.plain(), still)

    def show(self) -> Panels:
        """Every panel at once; what takes long to compare is drawn before."""
        wish, near = Wish.read(self.asked["wish"]), self.asked.get("near")
        if near is not None:
            wish = self._answers.nearest(wish, float(near))
        if not self._answers.is_quick(wish):
            self.put(self._answers.to(wish, with_prediction=False, with_intervals=False))
        return self._answers.to(wish, with_prediction=bool(self.asked.get("looking")))
