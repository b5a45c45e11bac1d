"""A bar that shows how far things are: on a terminal and in a notebook, and nowhere else."""

import sys
from typing import Any

from tqdm import tqdm

EVERY_S = 0.5
"""Between two looks of the bar: what it costs must not show in what is measured."""


def progress_bar(
    what: str,
    total: int | None,
    progress: bool | None = None,
    *,
    unit: str = "it",
    keep: bool = True,
) -> "tqdm[Any]":
    """A bar on stderr; in a notebook a widget, which goes away when it is closed.

    Args:
        what: its label.
        total: how many steps there are, none of which makes no bar; None when that is not known.
        progress: whether to show it; None for only where somebody looks, on a terminal and in a
            notebook.
        unit: what a step is.
        keep: whether a terminal keeps it when it is closed.
    """
    # tqdm itself leaves the bar out off a terminal when `disable` is None.
    hidden = True if total == 0 else None if progress is None else not progress
    options: dict[str, Any] = {"total": total, "desc": what, "unit": unit, "mininterval": EVERY_S}
    if not hidden and in_notebook():
        from hhperf.progress.widget import WidgetBar  # noqa: PLC0415  (only kernels have widgets)

        return WidgetBar(**options)
    return tqdm(**options, disable=hidden, leave=keep, dynamic_ncols=True)


def in_notebook() -> bool:
    """Whether this process is a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None
