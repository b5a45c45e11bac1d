"""What stands in a page without a kernel: the same findings, as a picture and a table."""

from base64 import b64encode
from html import escape
from io import BytesIO

from hhperf.show.findings import Findings
from hhperf.show.markup import framed, paragraph
from hhperf.show.subject import Subject
from hhperf.traces.possible import PossibleSavings
from hhperf.traces.structure import Structure

SAID = "A still picture: run the cell to move its controls."


def still(subject: Subject) -> str:
    """HTML of a run's figure, or of a sweep's table."""
    if not isinstance(subject, Findings):
        return framed(paragraph(subject.verdict), paragraph(SAID)) + subject._repr_html_()
    drawn = BytesIO()
    figure = subject.figure()
    figure.savefig(drawn, format="png", dpi=80)
    encoded = b64encode(drawn.getvalue()).decode("ascii")
    picture = f'<img alt="{escape(subject.verdict)}" src="data:image/png;base64,{encoded}">'
    return framed(paragraph(subject.verdict), picture, paragraph(SAID))


def still_traces(found: PossibleSavings, structure: Structure) -> str:
    """HTML of a prediction, and of the pairs of steps that it rests on."""
    return found._repr_html_() + structure._repr_html_() + framed(paragraph(SAID))
