"""Figures in words."""

import math


def milliseconds(seconds: float) -> str:
    """Three significant digits and more, never a false precision."""
    if not math.isfinite(seconds):
        return "endless" if seconds > 0 else "undefined"
    ms = seconds * 1e3
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.1f}" if ms >= 10 else f"{ms:.2f}"


def percent(share: float) -> str:
    """One decimal; an unbounded or undefined share in words."""
    if math.isnan(share):
        return "undefined"
    return f"{share:.1%}" if math.isfinite(share) else "unbounded"


def counted(count: int, noun: str) -> str:
    """A count with its noun, which takes an s: `1 pair`, `2,400 pairs`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(seconds: float) -> str:
    """Milliseconds, seconds up to two minutes, then minutes, then hours."""
    if seconds < 1:
        return f"{milliseconds(seconds)} ms"
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def clipped(text: str, most: int = 60) -> str:
    """The text on one line, with an ellipsis for what is beyond so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
