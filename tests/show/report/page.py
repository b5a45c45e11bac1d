"""Reads a page as a browser would, far enough to check how it is built."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "img", "br", "hr", "wbr", "input", "source"})


@dataclass
class Element:
    """An element with its attributes and all the text in it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """All elements in order; raises when they are not nested as they should be."""

    source: str
    elements: list[Element] = field(default_factory=list)
    opened: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.source)
        self.close()
        assert not self.opened, f"never closed: {self.opened[-1].tag}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self.opened.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content, as in SVG."""
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """End the innermost element, which must be this one."""
        assert self.opened.pop().tag == tag

    def handle_data(self, data: str) -> None:
        """Text belongs to all elements around it."""
        for element in self.opened:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        """The elements of these tags, in order."""
        return [each for each in self.elements if each.tag in tags]

    def values(self, name: str) -> list[str]:
        """Every value of an attribute."""
        return [each.attributes[name] or "" for each in self.elements if name in each.attributes]
