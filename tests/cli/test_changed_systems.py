"""The systems that predictions are held against."""

import pytest

from hhperf.cli.changed_systems import SYSTEMS, drawn
from hhperf.errors import ForecastError
from hhperf.experiment.latency_profiles import load_profile


def test_names_are_one_of_a_kind() -> None:
    """Predictions are kept by them."""
    assert len({each.name for each in SYSTEMS}) == len(SYSTEMS) >= 60


def test_a_draw_is_the_seeds_and_leaves_out_what_it_must() -> None:
    """The same twice, another with another seed."""
    assert drawn(1, 12) == drawn(1, 12) != drawn(2, 12)
    assert not {*drawn(1, 12)} & {*drawn(1, 12, but=drawn(1, 12))}


@pytest.mark.parametrize("number", [0, 77])
def test_there_are_only_so_many(number: int) -> None:
    """With how many there are."""
    with pytest.raises(ForecastError, match="there are 76 changed systems"):
        drawn(0, number)


def test_an_injected_delay_is_a_factor_of_the_profiles_own() -> None:
    """Of that stage alone."""
    system = next(each for each in SYSTEMS if each.name == "embedding-halved: parallel")
    halved, plan = system.setting.latency_profile(), load_profile("plan")
    assert halved.stages["embedding"].median_ms == plan.stages["embedding"].median_ms / 2  # type: ignore[attr-defined]
    assert halved.stages["text"] == plan.stages["text"]
