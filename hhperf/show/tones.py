"""Words that are good or bad news wherever they stand; colour only repeats what they say."""

from collections.abc import Mapping
from typing import Literal

Tone = Literal["good", "bad", "unsure", "none"]

TONES: Mapping[str, Tone] = {
    "EXCEEDS": "good",
    "BELOW": "bad",
    "INCONCLUSIVE": "unsure",
    "NOT_MEASURABLE": "none",
    "BETTER": "good",
    "WORSE": "bad",
    "ALIKE": "good",
    "pass": "good",
    "FAIL": "bad",
    "too few": "unsure",
    "finished": "good",
    "interrupted": "unsure",
    "cut off": "unsure",
    "stopped": "bad",
    "failed": "bad",
    "running": "unsure",
    "started": "good",
    "not started": "none",
}
"""Verdicts, gates and states."""

STYLES: Mapping[Tone, str] = {
    "good": "green",
    "bad": "red",
    "unsure": "yellow",
    "none": "bright_black",
}
"""How a terminal shows them."""


def style_of(word: str) -> str:
    """The terminal's style of a word; empty for most words."""
    tone = TONES.get(word)
    return STYLES[tone] if tone else ""
