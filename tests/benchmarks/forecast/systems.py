"""Which of the changed systems are proved on, and which were: none is drawn again.

The lists are fixed before any is measured. What has been measured once is never drawn again:
neither the first twelve nor those that the error was learnt on.
"""

from hhperf.cli.changed_systems import SYSTEMS, drawn

DRAWN = 12
FIRST_SEED, SEED = 20_261_127, 20_261_128


def to_prove() -> tuple[int, ...]:
    """The places of the systems that predictions are proved on, in ascending order."""
    return drawn(SEED, DRAWN, but={*first_proved(), *learned_from()})


def first_proved() -> tuple[int, ...]:
    """Those of the first list."""
    return drawn(FIRST_SEED, DRAWN)


def learned_from() -> tuple[int, ...]:
    """The places of others, on which the model's own error is worked out beforehand."""
    loaded = {place for place, each in enumerate(SYSTEMS) if each.setting.rate_hz}
    return drawn(FIRST_SEED + 1, DRAWN, but={*first_proved(), *loaded})
