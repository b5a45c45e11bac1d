"""Which controls a map is predicted from."""

from dataclasses import replace

import pytest

from hhperf.errors import ForecastError
from hhperf.experiment.latency_profiles import load_profile
from hhperf.forecast.claim_map import predict_cell
from hhperf.forecast.map_cells import MapDesign, Place
from hhperf.forecast.map_controls import SIZE, controls_of
from hhperf.runs.run import Run, load_run
from hhperf.workload.shipped import data_dir

PROFILES = {name: load_profile(name) for name in ("plan", "local")}


def test_pairs_with_the_most_requests_are_taken(shipped_run: Run, loaded_run: Run) -> None:
    """Of one profile without a reranker; with one it is drawn."""
    larger = load_run(data_dir() / "runs/plan-rerank-off")
    found, lacking = controls_of([shipped_run, larger, loaded_run], PROFILES, size=23_000)
    assert [each.rerank for each in found] == [False, True]
    assert found[0].basis.run is larger
    assert found[1].draws_rerank
    assert not lacking


def test_what_no_run_and_no_profile_has_is_told() -> None:
    """Nothing says how long a reranker takes here."""
    found, lacking = controls_of([load_run(data_dir() / "runs/claim/local")], PROFILES)
    assert [each.rerank for each in found] == [False]
    assert lacking[0].startswith("local with a reranker: no run had one")


def test_runs_of_other_arms_are_no_controls() -> None:
    """Named, where there is no other."""
    callables = load_run(data_dir() / "runs/gather-waits")
    with pytest.raises(ForecastError, match=r"no run to predict from.*gather-waits"):
        controls_of([callables], PROFILES)


def test_the_placeholder_is_put_into_a_run_of_another_size() -> None:
    """Where the lookup finds nothing there is nothing to run beside the embedding there either."""
    runs = data_dir() / "runs/claim"
    larger = _of(load_run(runs / "plan"), candidates=200_000)
    found, _ = controls_of([load_run(runs / "as-shipped"), larger], PROFILES, size=23_000)
    (derived,) = (each for each in found if each.against and not each.rerank)
    assert (derived.profile, derived.candidates) == ("as shipped", 200_000)
    place = Place("as shipped", False, "cold", 0.0, None, 200_000)
    cell = predict_cell(place, derived, MapDesign())
    assert cell.treatment == "as_shipped"
    assert abs(cell.predicted.point) < 0.01


def _of(run: Run, *, candidates: int) -> Run:
    """The same as if there had been so many."""
    told = run.metadata
    conditions = replace(told.conditions, labels={SIZE: str(candidates)})
    return Run(run.path, replace(told, conditions=conditions))
