"""A matplotlib figure as SVG that sits in a page and follows its theme."""

import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree as ET

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text

THEMED = {
    "#000000": "ink", "#767676": "ink", "#818181": "ink", "#7d7d7d": "ink", "#7c7c7c": "dim",
    "#808080": "dim", "#999999": "pale", "#b0b0b0": "grid", "#dddddd": "grid", "#ffffff": "paper",
    "#0072b2": "blue", "#3a96cc": "sky", "#d55e00": "vermillion", "#009e73": "green",
    "#b4327f": "magenta", "#c46f9c": "purple", "#a87b00": "orange", "#7f63d6": "violet",
    "#8a8a2b": "yellow", "#a5694f": "brown",
}  # fmt: skip
"""The colours that figures are drawn in, with the custom property that stands for each."""

_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_REFERENCE = re.compile(r"(^|url\()#([\w.-]+)")
_LONG_FRACTION = re.compile(r"(\.\d\d)\d+")


def to_svg(figure: Figure, prefix: str, label: str) -> Markup:
    """The figure as an element that HTML can hold, its text in outlines, its colours themed.

    A colour becomes `var(--mark-NAME)`, within letters `var(--text-NAME)`, which needs more
    contrast. A name with dollar signs is no formula.

    Args:
        figure: any; what its texts say is left as it is.
        prefix: begins every id, so that two figures of a page share none.
        label: what it shows, for those who cannot see it.
    """
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    written = BytesIO()
    # Letters as outlines look alike on every device, and the same figure is the same text.
    outlines = rc_context({"svg.fonttype": "path", "svg.hashsalt": "hhperf"})
    with outlines, warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box; nobody has to be told on the terminal.
        warnings.filterwarnings("ignore", message=r"Glyph \d+", category=UserWarning)
        figure.savefig(written, format="svg", metadata={"Date": None}, transparent=True)
    root = ET.fromstring(written.getvalue())  # noqa: S314  matplotlib has just written it
    _simplify(root)
    _rename_ids(root, prefix)
    _theme(root)
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": label}
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704  ElementTree has escaped it


def _simplify(root: ET.Element) -> None:
    """Drop namespaces, which HTML does not need, metadata, and a style for the whole page."""
    for element in root.iter():
        element.tag = _local(element.tag)
        element.attrib = {_local(name): value for name, value in element.attrib.items()}
        element.text = element.tail = None
        for child in [each for each in element if _local(each.tag) in {"metadata", "style"}]:
            element.remove(child)
        for name in {"d", "x", "y"} & element.attrib.keys():
            numbers = " ".join(element.attrib[name].split())
            element.set(name, _LONG_FRACTION.sub(r"\1", numbers))


def _rename_ids(root: ET.Element, prefix: str) -> None:
    """Keep the ids that something refers to, each under a name of its own."""
    referred = set(_references(root))
    for element in root.iter():
        own = element.attrib.pop("id", "")
        for name, value in _referring(element):
            element.set(name, _REFERENCE.sub(rf"\1#{prefix}-\2", value))
        if own in referred:
            element.set("id", f"{prefix}-{own}")
        if own.startswith("text_"):
            element.set("class", "text")


def _theme(element: ET.Element, kind: str = "mark") -> None:
    """Colours become custom properties; those of letters have one of their own."""
    kind = "text" if element.get("class") == "text" else kind
    for name in {"fill", "stroke"} & element.attrib.keys():  # only a style may hold a property
        element.set("style", f"{name}: {element.attrib.pop(name)}; {element.get('style', '')}")
    if "style" in element.attrib:
        style = element.attrib["style"]
        element.set("style", _COLOUR.sub(lambda found: _property(found[0], kind), style))
    for child in element:
        _theme(child, kind)


def _property(colour: str, kind: str) -> str:
    return f"var(--{kind}-{THEMED[colour]})" if colour in THEMED else colour


def _references(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        for _, value in _referring(element):
            yield from (name for _, name in _REFERENCE.findall(value))


def _referring(element: ET.Element) -> list[tuple[str, str]]:
    """The attributes that name another element; a colour looks like a name, too."""
    return [(n, value) for n, value in element.attrib.items() if n == "href" or "url(#" in value]


def _local(name: str) -> str:
    return name.rpartition("}")[2]
