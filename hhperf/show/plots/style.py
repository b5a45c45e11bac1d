"""How every figure is made: its style, its axes, and what is written on it."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import get_annotations
from pathlib import Path
from typing import Any, Literal, ParamSpec, get_origin

import matplotlib.pyplot as plt
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import ScaledTranslation, Transform

from hhperf.errors import FigureError
from hhperf.runs.observation import Arm
from hhperf.show.plots.canvas import Canvas
from hhperf.show.plots.captions import add_caption, lines_of
from hhperf.show.plots.language import MODELLED

P = ParamSpec("P")
Which = Literal["x", "y"]

STYLE = ["default", str(Path(__file__).with_name("hhperf.mplstyle"))]
"""On top of matplotlib's own defaults, so that a dark theme of the notebook's does not mix in."""

LOSS_SHOWN = -1.0
"""An arm that takes twice as long; further down nothing can be told apart any more."""

CAPTION_LINE = 0.14
"""Inches."""

NOTE_SIZE = 7.0
"""Points, of what is written among the curves."""

AT_FOOT = ("data", "axes fraction")
"""Coordinates of what stands at the foot of an upright line."""

LOG = ", log scale"

FEW_DECADES = 3
"""So many have room for three ticks each."""

LONG_TAIL = 30
"""From this ratio of the largest to the smallest a linear axis shows nothing but the largest."""


class _FewTicks(LogLocator):
    """1, 2, 5 and so on over a few decades, only powers of ten over many."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """The ticks between two values, and some beyond."""
        subs = (1.0, 2.0, 5.0) if abs(math.log10(vmax / vmin)) <= FEW_DECADES else (1.0,)
        return LogLocator(subs=subs).tick_values(vmin, vmax)


def styled(plot: Callable[P, Axes]) -> Callable[P, Axes]:
    """Draw in the style sheet; on Axes given as `ax`, with the ink that their labels have.

    What is drawn, the first argument, must be of the type that the function says.

    Raises:
        FigureError: it is something else.
    """
    first: tuple[str, Any] = next(iter(get_annotations(plot, eval_str=True).items()))
    name, wanted = first

    @wraps(plot)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Axes:
        data = args[0] if args else kwargs.get(name)
        if not isinstance(data, get_origin(wanted) or wanted):
            raise FigureError(
                f"{plot.__name__} draws a {wanted.__name__}, not {type(data).__name__}"
            )
        given = kwargs.get("ax")
        ink = {"text.color": given.xaxis.label.get_color()} if isinstance(given, Axes) else {}
        with style.context([*STYLE, ink]):
            ax = plot(*args, **kwargs)
            say_log(ax)
            return ax

    return drawn


def new_axes(caption: str = "", *, height: float = 3.1) -> Axes:
    """Axes of a new figure, in inches as wide as the style sheet says, with a caption below."""
    width = plt.rcParams["figure.figsize"][0]
    below = CAPTION_LINE * len(lines_of(caption, width))
    figure, ax = plt.subplots(figsize=(width, height + below), FigureClass=Canvas)
    if caption:
        add_caption(figure, caption)
    return ax


def ink() -> str:
    """The colour of what is written, for lines that belong to no arm."""
    return str(plt.rcParams["text.color"])


def arm_labels(names: Mapping[Arm, str]) -> dict[Arm, str]:
    """What each arm is called: by what served it, and by its role too where that is the same."""
    control, treatment = names[Arm.CONTROL], names[Arm.TREATMENT]
    if control != treatment:
        return {
            Arm.CONTROL: control,
            Arm.TREATMENT: treatment,
            Arm.CONTROL_AGAIN: f"{control} again",
        }
    return {arm: f"{name} ({arm.value.replace('_', ' ')})" for arm, name in names.items()}


def say_log(ax: Axes) -> None:
    """Say of each logarithmic axis that it is one, behind its unit."""
    for axis, scale in ((ax.xaxis, ax.get_xscale()), (ax.yaxis, ax.get_yscale())):
        said = axis.get_label_text()
        if scale in {"log", "symlog"} and said and not said.endswith(LOG):
            axis.set_label_text(said + LOG)


def in_percent(saving: float) -> float:
    """A saving in percent, where a loss too large to be drawn ends at the largest that is."""
    return 100 * max(saving, LOSS_SHOWN)


def claim_line(ax: Axes, threshold: float, *, upright: bool = False) -> Line2D:
    """The saving claimed, as a dotted line."""
    line = ax.axvline if upright else ax.axhline
    return line(
        100 * threshold, color=ink(), linestyle=":", linewidth=1.3, label=f"{threshold:.0%} claimed"
    )


def note(ax: Axes, text: str, at: tuple[float, float], shift: float = 3, **look: Any) -> None:
    """Small words beside a point.

    Args:
        ax: where to draw.
        text: the words.
        at: the point; in data coordinates, if `look` does not say otherwise.
        shift: points by which the words stand to the right of it.
        look: as `Axes.annotate` takes it.
    """
    look = {"fontsize": NOTE_SIZE} | look
    ax.annotate(text, at, (shift, 0), textcoords="offset points", **look)


def modelled_patch() -> Patch:
    """The legend's entry for what is modelled."""
    return Patch(facecolor="none", edgecolor=ink(), hatch=MODELLED, label="modelled")


def log_if_long(ax: Axes, which: Which, smallest: float, largest: float) -> None:
    """A log scale where the largest is many times the smallest, else the scale there is."""
    if smallest > 0 and largest / smallest >= LONG_TAIL:
        log_scale(ax, which)


def log_scale(ax: Axes, which: Which) -> None:
    """A log scale that is labelled with plain numbers."""
    ax.set(**{f"{which}scale": "log"})
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_major_locator(_FewTicks())
    axis.set_major_formatter(plain_numbers())
    axis.set_minor_locator(NullLocator())


def plain_numbers() -> FuncFormatter:
    """1,000 and 0.5, never 10³."""
    return FuncFormatter(lambda value, _: f"{value:,.10g}")


def room_above(ax: Axes, share: float) -> None:
    """Leave a share of the height free above what is drawn, for the legend; on any scale."""
    axis = ax.yaxis
    low, high = axis.get_transform().transform(ax.get_ylim())
    top = axis.get_transform().inverted().transform(high + (high - low) * share / (1 - share))
    ax.set_ylim(top=float(top))


def beside(ax: Axes, points: float) -> Transform:
    """Data coordinates moved to the right, so that intervals at one place stand side by side."""
    return ax.transData + ScaledTranslation(points / 72, 0, ax.figure.dpi_scale_trans)


# A notebook's backend turns interactive mode on when it is loaded. Within the style sheet, which
# `plot_...` would do otherwise, that would be undone at its end, and no later figure be shown.
plt.draw_if_interactive()  # type: ignore[no-untyped-call]
