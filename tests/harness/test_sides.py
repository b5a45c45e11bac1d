"""Who gets a pair, and what each treatment's run sees of it."""

from collections import Counter

from hhperf.harness.paired_plan import Pair
from hhperf.harness.sides import arms_of, names_by_run, sides_of
from hhperf.runs.observation import Arm
from tests.harness.conftest import make_log

ORDER = (Arm.TREATMENT, Arm.CONTROL_AGAIN, Arm.CONTROL)


def pair(number: int) -> Pair:
    return Pair(number, 0, make_log(1)[0], ORDER)


def test_without_others_the_arms_keep_their_order() -> None:
    """The plan's, with nothing drawn."""
    assert sides_of(pair(0), 0, seed=1) == ORDER


def test_others_stand_in_every_place_equally_often() -> None:
    """Among three arms there are four places; two others are in every order."""
    places = Counter(sides_of(pair(number), 2, seed=1).index(0) for number in range(4_000))
    assert all(abs(places[place] - 800) < 120 for place in range(5))
    first = sum(
        sides.index(0) < sides.index(1)
        for sides in (sides_of(pair(number), 2, seed=1) for number in range(4_000))
    )
    assert abs(first - 2_000) < 160


def test_the_arms_keep_their_order_among_others() -> None:
    """So that their orders stay balanced."""
    sides = sides_of(pair(7), 3, seed=1)
    assert tuple(side for side in sides if isinstance(side, Arm)) == ORDER
    assert sides == sides_of(pair(7), 3, seed=1)


def test_a_treatment_s_run_is_of_three_arms() -> None:
    """Both controls and the one treatment, which stands where it was sent."""
    sides = (Arm.CONTROL, 1, Arm.TREATMENT, 0, Arm.CONTROL_AGAIN)
    assert arms_of(sides, Arm.TREATMENT) == {each: each for each in sides if isinstance(each, Arm)}
    assert list(arms_of(sides, 1).items()) == [
        (Arm.CONTROL, Arm.CONTROL),
        (1, Arm.TREATMENT),
        (Arm.CONTROL_AGAIN, Arm.CONTROL_AGAIN),
    ]


def test_each_run_names_its_own_treatment() -> None:
    """And the same control."""
    names = {Arm.CONTROL: "a", Arm.TREATMENT: "b", Arm.CONTROL_AGAIN: "a"}
    assert names_by_run(names, ["c"]) == [names, {**names, Arm.TREATMENT: "c"}]
