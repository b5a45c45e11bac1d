"""The one language of plots: what each colour, marker and dash means, in every picture.

No colour stands for two things, and no marker. Nothing is told by colour alone. Every colour has a
contrast of 3 to 1 or more to white and to the black of dark themes, since what is behind a figure
is the page that it stands on.
"""

from hhperf.analysis.decision import Verdict
from hhperf.runs.observation import Arm

Dash = str | tuple[int, tuple[float, ...]]

# Hues of Okabe and Ito's colours, told apart with any kind of colour vision.
COLOURS = {Arm.CONTROL: "#0072B2", Arm.CONTROL_AGAIN: "#3A96CC", Arm.TREATMENT: "#D55E00"}
"""Of arms, and of what is saved by one."""
MARKERS = {Arm.CONTROL: "o", Arm.CONTROL_AGAIN: "D", Arm.TREATMENT: "s"}
DASHES: dict[Arm, Dash] = {
    Arm.CONTROL: "-",
    Arm.CONTROL_AGAIN: (0, (2, 1.5)),
    Arm.TREATMENT: (0, (7, 1.5)),
}

UNSETTLED = "#7C7C7C"
VERDICT_COLOURS = {
    Verdict.EXCEEDS: "#009E73",
    Verdict.BELOW: "#B4327F",
    Verdict.INCONCLUSIVE: UNSETTLED,
    Verdict.NOT_MEASURABLE: UNSETTLED,
}
VERDICT_MARKERS = {
    Verdict.EXCEEDS: "^",
    Verdict.BELOW: "v",
    Verdict.INCONCLUSIVE: "P",
    Verdict.NOT_MEASURABLE: "x",
}
"""Up is more than the claim, down less; a cross is no verdict."""
BY_SAVING = "PiYG"
"""A colour map from BELOW's hue over white, the claim, to that of EXCEEDS."""

PREDICTED = "#C46F9C"
PREDICTED_MARKER = "*"
"""What no run has measured."""

STATISTICS: tuple[tuple[str, Dash], ...] = (
    ("#A87B00", "-"),
    ("#7F63D6", (0, (5, 1.5))),
    ("#8A8A2B", "-."),
    ("#A5694F", (0, (1, 1))),
)
"""Colour and dash of the first statistic of a picture, the second and so on."""

MODELLED = "/////"
"""The hatch of what a profile makes last."""

OPEN = "...."
"""The hatch of what is not settled."""
