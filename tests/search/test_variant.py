"""How an arm differs from the one of its name, and that it says so."""

from hhperf.search.arm_names import MODELLED, bare_name
from hhperf.search.schedule import order_of
from hhperf.search.variant import AS_NAMED, Variant
from hhperf.search.virtual_clock import Speedup


def test_an_arm_as_it_is_keeps_its_name() -> None:
    """Nothing is different by default."""
    assert AS_NAMED.named("eager") == "eager"


def test_all_that_differs_stands_in_the_name() -> None:
    """Behind the arm's, which is still found in it."""
    name = Variant(Speedup("text", 0.25), coalescing=False).named("eager")
    assert name == "eager [not coalesced] [text × 0.25 modelled]"
    assert name.endswith(MODELLED)
    assert bare_name(name) == "eager"
    assert order_of(name) is order_of("eager")
