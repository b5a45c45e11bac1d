"""HTML for notebooks: semantic, escaped, without script, readable in light and dark themes.

Colours are JupyterLab's own variables, so they follow its theme. Elsewhere text inherits its
colour, and what is drawn beside it can be seen on white and on black.
"""

from collections.abc import Iterable, Sequence
from html import escape

from hhperf.show.tones import TONES

CSS = """
.hhperf.hhperf{color:var(--jp-content-font-color1,inherit);margin:.2em 0;max-width:100%;
--good:var(--jp-success-color1,#3a9a5f);--bad:var(--jp-error-color1,#d4553f);
--unsure:var(--jp-warn-color1,#c98a1b);--none:var(--jp-content-font-color3,#8a8a8a);
--line:var(--jp-border-color2,rgba(128,128,128,.35))}
.hhperf.hhperf p{margin:.2em 0}
.hhperf.hhperf .head{font-weight:600;margin:.1em 0 .4em}
.hhperf.hhperf .wide{overflow-x:auto}
.hhperf.hhperf table{border-collapse:collapse;table-layout:auto;width:auto;margin:.5em 0 .8em;
border:0;color:inherit;font-size:inherit;font-variant-numeric:tabular-nums}
.hhperf.hhperf table caption{caption-side:top;text-align:left;font-weight:600;padding:.2em 0;
color:inherit;white-space:nowrap}
.hhperf.hhperf table tr,.hhperf.hhperf table tbody tr:nth-child(n){background:none;border:0}
.hhperf.hhperf table tbody tr:nth-child(n):hover{
background:var(--jp-layout-color2,rgba(128,128,128,.12))}
.hhperf.hhperf table th,.hhperf.hhperf table td{border:0;border-bottom:1px solid var(--line);
padding:.25em .9em .25em 0;text-align:left;vertical-align:top;font-weight:400;white-space:normal;
max-width:46em;overflow-wrap:break-word}
.hhperf.hhperf table thead :is(th,td){color:var(--jp-content-font-color2,inherit);font-weight:600;
border-bottom-width:2px;overflow-wrap:normal}
.hhperf.hhperf table .figure{text-align:right;white-space:nowrap;padding-left:.9em}
.hhperf.hhperf table .rest{color:var(--jp-content-font-color2,inherit);border-bottom:0}
.hhperf.hhperf dl{display:grid;grid-template-columns:max-content 1fr;gap:.1em 1.2em;margin:.3em 0;
padding:0}
.hhperf.hhperf dt{color:var(--jp-content-font-color2,inherit);font-weight:400;float:none;width:auto;
margin:0;padding:0}
.hhperf.hhperf dd{margin:0;padding:0;overflow-wrap:break-word}
.hhperf.hhperf ul{list-style:none;margin:.4em 0;padding:.1em 0 .1em .8em;
border-left:3px solid var(--unsure)}
.hhperf.hhperf li{margin:.15em 0;padding:0}
.hhperf.hhperf details caption{display:none}
.hhperf.hhperf summary{cursor:pointer;margin:.3em 0}
.hhperf.hhperf .tone{white-space:nowrap;font-weight:600}
.hhperf.hhperf .tone::before{content:"";display:inline-block;width:.62em;height:.62em;
border-radius:50%;margin-right:.4em;background:var(--none)}
.hhperf.hhperf .good::before{background:var(--good)}
.hhperf.hhperf .bad::before{background:var(--bad)}
.hhperf.hhperf .unsure::before{background:var(--unsure)}
.hhperf.hhperf .badge{border:1px solid var(--line);border-radius:1em;padding:.05em .7em;
margin-left:.6em}
""".replace("\n", "")
"""Scoped by the class of the frame, named twice to outweigh JupyterLab's own rules for tables."""


def framed(*parts: str) -> str:
    """Parts with the style they need, for one output of a notebook."""
    return f'<div class="hhperf"><style>{CSS}</style>{"".join(parts)}</div>'


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    is_right: Sequence[bool],
    rest: str = "",
) -> str:
    """A table with scoped headings.

    Args:
        caption: what it shows.
        columns: the headings.
        rows: the cells; that under the first heading names its row, but in a table of words whose
            first heading is empty the second.
        is_right: which columns are aligned right.
        rest: a last line, under all columns.
    """
    named = 1 if not columns[0] and not any(is_right) and len(columns) > 1 else 0
    head = "".join(map(_heading, columns, is_right))
    body = "".join(_row(row, is_right, named) for row in rows)
    if rest:
        body += f'<tr><td class="rest" colspan="{len(columns)}">{escape(rest)}</td></tr>'
    shown = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
    return f'<div class="wide"><table>{shown}<tbody>{body}</tbody></table></div>'


def head(title: str, badge: str) -> str:
    """A title with a verdict or a state beside it."""
    word = f' <span class="{_tone(badge)} badge">{escape(badge)}</span>' if badge else ""
    return f'<p class="head">{escape(title)}{word}</p>'


def paragraph(text: str) -> str:
    """A sentence; nothing where there is none."""
    return f"<p>{escape(text)}</p>" if text else ""


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Names with their values."""
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
    return f"<dl>{items}</dl>" if items else ""


def notes(warnings: Iterable[str]) -> str:
    """What a reader has to know before trusting the numbers above."""
    items = "".join(f"<li>{escape(warning)}</li>" for warning in warnings)
    return f"<ul>{items}</ul>" if items else ""


def folded(summary: str, content: str) -> str:
    """Content that a click unfolds."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def _heading(column: str, right: bool) -> str:
    align = ' class="figure"' if right else ""
    return f'<th scope="col"{align}>{escape(column)}</th>' if column else f"<td{align}></td>"


def _row(row: Sequence[str], is_right: Sequence[bool], named: int) -> str:
    cells = zip(row, is_right, strict=True)
    return f"<tr>{''.join(_cell(place == named, *each) for place, each in enumerate(cells))}</tr>"


def _cell(is_name: bool, cell: str, right: bool) -> str:
    align = ' class="figure"' if right else ""
    word = f'<span class="{_tone(cell)}">{escape(cell)}</span>' if cell in TONES else escape(cell)
    return f'<th scope="row"{align}>{word}</th>' if is_name else f"<td{align}>{word}</td>"


def _tone(word: str) -> str:
    return f"tone {TONES.get(word, 'none')}"
