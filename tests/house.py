"""The rooms of the package and who imports whom, from the code: `make house` writes the table.

Run `python -m tests.house`; it stands in CONTRIBUTING.md, and `test_architecture.py` holds the two
together.
"""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import grimp

import hhperf

PACKAGE = Path(hhperf.__file__).parent
PAGE = PACKAGE.parent / "CONTRIBUTING.md"
BEGIN, END = "<!-- rooms: made by `make house` -->\n", "<!-- end of rooms -->\n"

SHOWS = ("hhperf.shown", "hhperf.show.card")
"""The one import that reaches back: a result asks for its card, late, when somebody looks."""

EVERYWHERE = {"errors", "shown"}
"""What any room may import; left out of the table."""


@cache
def imports() -> dict[str, set[str]]:
    """The modules that each module imports, late imports and those for types included."""
    graph = grimp.build_graph("hhperf", cache_dir=None)
    graph.remove_import(importer=SHOWS[0], imported=SHOWS[1])
    return {each: graph.find_modules_directly_imported_by(each) for each in graph.modules}


def room_of(module: str) -> str:
    """The folder or root module that a module belongs to; empty for the facade."""
    return module.partition(".")[2].partition(".")[0]


def rooms() -> dict[str, set[str]]:
    """Each room with the rooms it imports, those that import least first."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, imported in imports().items():
        found[room_of(module)] |= {room_of(each) for each in imported}
    arrows = {room: found[room] - {room, ""} for room in found if room}
    return dict(sorted(arrows.items(), key=lambda each: (_height(each[0], arrows), each[0])))


def table() -> str:
    """Rooms, what they hold and what they import, in Markdown."""
    rows = [
        f"| `{room}` | {_purpose(room)} | {_listed(imported)} |"
        for room, imported in rooms().items()
        if room != "__main__"
    ]
    return "\n".join(["| room | holds | imports |", "| --- | --- | --- |", *rows, ""])


def main() -> None:
    """Write the table to its page."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}{table()}{END}{after}", encoding="utf-8")


def _height(room: str, arrows: dict[str, set[str]]) -> int:
    return 1 + max((_height(each, arrows) for each in arrows[room]), default=0)


def _purpose(room: str) -> str:
    folder = PACKAGE / room
    file = folder / "__init__.py" if folder.is_dir() else PACKAGE / f"{room}.py"
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(said.partition("\n\n")[0].split())


def _listed(imported: set[str]) -> str:
    return ", ".join(f"`{each}`" for each in sorted(imported - EVERYWHERE)) or "–"


if __name__ == "__main__":
    main()
