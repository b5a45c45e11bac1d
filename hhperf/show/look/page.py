"""The widgets' pages: each is one ES module, what they draw with and what is their own."""

from pathlib import Path

_HERE = Path(__file__).parent

STYLE = (_HERE / "explorer.css").read_text(encoding="utf-8")


def page(name: str) -> str:
    """A page as one module: a widget's may import no file beside it.

    Args:
        name: of the file that has what is this widget's own.
    """
    parts = ((_HERE / each).read_text(encoding="utf-8") for each in ("drawing.js", name))
    return "\n".join(parts)
