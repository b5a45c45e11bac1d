"""What the machine of a run did to it, in words."""

from collections.abc import Mapping

from hhperf.analysis.comparison import StatisticResult
from hhperf.errors import RunError
from hhperf.runs.run import Run
from hhperf.runs.stalls import FLOOR_S, SHARE_OF_CONTROL, Stalls, accounts_of, stalls_of
from hhperf.show.intervals import with_interval
from hhperf.shown import counted, milliseconds, percent
from hhperf.verdict.stalled import stalls_in

THROTTLED = 0.01
"""Share of the time, from which a quota is worth a sentence."""


def stalls_against(run: Run) -> Stalls | None:
    """The stalls that count against what a run measured; None where nothing is known."""
    try:
        return stalls_in(run, run.pairs(run.statistic))
    except RunError:
        return stalls_of(run)


def machine_sentence(run: Run) -> str:
    """How much time the machine lost, and what of that cannot be seen."""
    stalls = stalls_against(run)
    if stalls is None:
        return "No stall clock ran: whether the machine stood still meanwhile is not known."
    said = f"{_lost(stalls)}{_accounts(accounts_of(run))}."
    median_s = stalls.floor_s / SHARE_OF_CONTROL
    if stalls.floor_s > FLOOR_S or not len(run):
        return said
    return (
        f"{said} Stalls shorter than {milliseconds(FLOOR_S)} ms are not seen; they matter to"
        f" requests quicker than {milliseconds(median_s)} ms."
    )


def in_spite_of_stalls(run: Run, result: StatisticResult) -> str:
    """What the verdict's sentence ends with where stalls hid something, else empty."""
    if result.all_data is None or (stalls := stalls_against(run)) is None:
        return ""
    return f"; {_lost(stalls, 'the machine')}; all data: {with_interval(result.all_data)}"


def _lost(stalls: Stalls, machine: str = "The machine") -> str:
    if not len(stalls):
        return f"{machine} never stood still for {milliseconds(stalls.floor_s)} ms or longer"
    return (
        f"{machine} lost {percent(stalls.lost)} of its time to others"
        f" ({counted(len(stalls), 'stall')} of {milliseconds(stalls.floor_s)} ms or more, the"
        f" longest {milliseconds(stalls.longest_s)} ms)"
    )


def _accounts(told: Mapping[str, float]) -> str:
    """The kernel's view, told and never used: the load itself makes tasks wait."""
    words = []
    if "steal" in told:
        words.append(f"{percent(told['steal'])} stolen by the hypervisor")
    if "pressure" in told:
        words.append(f"some task waiting for a core {percent(told['pressure'])} of the time")
    if told.get("throttled", 0.0) >= THROTTLED:
        words.append(f"{percent(told['throttled'])} taken by a quota of this container: raise it")
    return f"; by the kernel's accounts {', '.join(words)}" if words else ""
