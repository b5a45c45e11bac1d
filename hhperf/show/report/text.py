"""Words from outside, made safe to show: names of arms, logs and labels may hold anything."""

import re
import unicodedata

_MARKUP = re.compile(r"[&<>`*\[\]~|#\\]|(?<!\w)_|_(?!\w)")
_LINE_ENDS = re.compile(r"\s*[\r\n\u2028\u2029]+\s*")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_JOINERS = "\u200c\u200d"
"""Format characters that scripts such as Persian and emoji need."""


def visible(text: str) -> str:
    r"""The text with what a reader cannot see written out, such as a right-to-left override.

    Control and direction characters become `\u202e` and the like: they could make a page read
    otherwise than it is written, and XML cannot hold most of them. Line ends become spaces.
    """
    return "".join(map(_written_out, _LINE_ENDS.sub(" ", text)))


def in_markdown(text: str) -> str:
    """The text as itself in Markdown: no markup, no HTML, no mention of a user.

    Entities rather than backslashes, since these cannot meet another backslash.
    """
    escaped = _MARKUP.sub(lambda found: f"&#{ord(found[0])};", visible(text))
    return escaped.replace("@", "@\u2060")


def as_code(text: str) -> str:
    """A code span of Markdown, with a fence longer than any run of backticks inside."""
    shown = visible(text)
    longest = max(map(len, re.findall(r"`+", shown)), default=0)
    fence, gap = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{gap}{shown}{gap}{fence}"


def _written_out(character: str) -> str:
    hidden = unicodedata.category(character) in _HIDDEN and character not in _JOINERS
    return f"\\u{ord(character):04x}" if hidden else character
