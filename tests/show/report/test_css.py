"""The colours of the page can be read, in the light and in the dark."""

import re
from importlib.resources import files

import pytest

CSS = (files("hhperf.show.report") / "templates" / "report.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
)
WORDS = ("ink", "dim", "link", "exceeds", "below", "inconclusive", "unmeasurable")
LETTERS = [name for name in LIGHT if name.startswith("text-") and name != "text-paper"]
MARKS = [
    name for name in LIGHT if name.startswith("mark-") and name not in ("mark-paper", "mark-grid")
]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", [*WORDS, *LETTERS])
def test_words_stand_out(theme: dict[str, str], name: str) -> None:
    """At least 4.5 against the page, and against what stands out from it."""
    assert contrast(theme[name], theme["paper"]) >= 4.5
    assert contrast(theme[name], theme["panel"]) >= 4.5 or name.startswith("text-")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", MARKS)
def test_marks_stand_out(theme: dict[str, str], name: str) -> None:
    """At least 3 to 1 for what is drawn."""
    assert contrast(theme[name], theme["paper"]) >= 3


def test_both_themes_have_every_colour() -> None:
    """Nothing keeps its light colour in the dark."""
    assert set(LIGHT) == set(DARK)


def test_the_dark_is_for_screens() -> None:
    """Paper is white whatever the reader's system says."""
    assert "@media screen and (prefers-color-scheme: dark)" in CSS
    assert CSS.count("prefers-color-scheme") == 1
