"""What stands in brackets behind an arm's name: how it differs from the arm of that name."""

import re

UNCOALESCED = "not coalesced"
"""Of an arm whose equal lookups are each made, also at the same time."""

MODELLED = "modelled]"
"""How the name of an arm ends of which a stage is sped up virtually."""

_MARK = re.compile(r" \[[^\[\]]+\]$")


def marked(arm: str, said: str) -> str:
    """An arm's name with what is said of it, which shows wherever the arm is named."""
    return f"{arm} [{said}]"


def bare_name(arm: str) -> str:
    """An arm's name without what is said of it."""
    while (bare := _MARK.sub("", arm)) != arm:
        arm = bare
    return arm
