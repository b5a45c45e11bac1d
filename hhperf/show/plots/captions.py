"""What has to stand below a figure: how many, under which profile, and what is modelled."""

from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hhperf.errors import FigureError
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.verdict.sweeps import Sweep
from hhperf.why.arm_time import STAGES
from hhperf.why.timelines import Timeline

FONT_SIZE = 7.5
_CHARACTER = 0.53
"""The mean width of a character as a share of the font's size."""


def caption_of(run: Run) -> str:
    """How many requests an arm got, the profile, and which stages are modelled.

    Raises:
        RunError: the run's files cannot be read.
    """
    metadata = run.metadata
    sample = f", {run.sampled}" if run.sampled else ""
    return (
        f"n = {_requests(run):,} requests an arm{sample}. {conditions_of(run)}"
        f" C{metadata.caches.removeprefix('c')}, {metadata.design.pace}."
    )


def sweep_caption(sweep: Sweep, run: Run | None = None) -> str:
    """How many pairs each load has, and what the sweep was recorded under.

    Args:
        sweep: what is drawn.
        run: any run of the sweep, for its profile and the stages modelled.
    """
    pairs = [point.comparison.n_pairs for point in sweep.points]
    fewest, most = min(pairs), max(pairs)
    n = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
    labels = "".join(f", {name} {value}" for name, value in sweep.labels.items())
    said = f"n = {n} requests an arm at each of {len(pairs)} loads{labels}."
    return said if run is None else f"{said} {conditions_of(run)}"


def timeline_caption(timeline: Timeline) -> str:
    """Which request it is, and which of its stages are modelled."""
    names = (bar.stage for arm in timeline.arms for bar in arm.bars if bar.modelled_s)
    return f"n = 1 (request {timeline.request_id}, pair {timeline.pair}): {_parts(list(names))}."


def modelled_caption(names: list[str]) -> str:
    """Which stages are modelled."""
    return f"Own time of each stage: {_parts(names)}."


def conditions_of(run: Run) -> str:
    """The profile, and the stages that it makes last."""
    profile = run.metadata.conditions.profile
    if profile is None:
        return "No latency profile."  # whether somebody's own service models anything is unknown
    spans = run.spans()
    return f"Profile {profile.name}: {_parts(list(spans['stage'][spans['modelled_s'] > 0]))}."


def add_caption(where: Figure | Axes, text: str) -> None:
    """Put a caption below a figure, in lines as long as the figure is wide; replaces an older one.

    Args:
        where: the figure, or Axes of it.
        text: the caption.

    Raises:
        FigureError: the Axes are on no figure any more.
    """
    figure = whole_figure(where)
    lines = lines_of(text, figure.get_figwidth())
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=FONT_SIZE, fontweight="normal")


def lines_of(text: str, width_in: float) -> list[str]:
    """A caption in lines for a figure that is so many inches wide."""
    return wrap(text, int(72 * width_in / (FONT_SIZE * _CHARACTER)))


def whole_figure(where: Figure | Axes) -> Figure:
    """The figure itself, or the one that Axes are on.

    Raises:
        FigureError: the Axes are on none any more.
    """
    figure = where if isinstance(where, Figure) else where.get_figure(root=True)
    if figure is None:
        raise FigureError("these Axes have been removed from their figure")
    return figure


def _requests(run: Run) -> int:
    return max(sum(run.counts()[arm].values()) for arm in Arm)


def _parts(modelled: list[str]) -> str:
    if not modelled:
        return "nothing modelled, all measured"
    names = sorted(set(modelled), key=lambda name: (*STAGES, name).index(name))
    return f"least times of {', '.join(names)} modelled, all else measured"
