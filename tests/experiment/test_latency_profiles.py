"""Latency profiles: files, distributions, and draws that depend on stage and request alone."""

from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.errors import ProfileError
from hhperf.experiment.latency_profiles import (
    Delay,
    LatencyProfile,
    LognormalDelay,
    TableDelay,
    UniformDelay,
    load_profile,
    profile_names,
)
from hhperf.search.arms import ARMS

LOGNORMAL = LognormalDelay(source="x", distribution="lognormal", median_ms=100, sigma=0.25)
UNIFORM = UniformDelay(source="x", distribution="uniform", low_ms=15, high_ms=50)
TABLE = TableDelay(source="x", distribution="table", quantiles=[(0, 100), (0.5, 150), (1, 900)])
EACH = pytest.mark.parametrize("delay", [LOGNORMAL, UNIFORM, TABLE])

shares = st.floats(min_value=1e-12, max_value=1 - 1e-12)


def write(folder: Path, text: str) -> str:
    """A profile's file."""
    path = folder / "mine.toml"
    path.write_text(text)
    return str(path)


def test_shipped_profiles() -> None:
    """Three are shipped; `local` models nothing."""
    assert profile_names() == ["cloud", "local", "plan"]
    assert not load_profile("local").stages


@pytest.mark.parametrize("name", ["plan", "cloud"])
def test_every_shipped_number_has_a_source(name: str) -> None:
    """A modelled figure says where it is from."""
    profile = load_profile(name)
    assert profile.stages
    assert all(len(delay.source) > 20 for delay in profile.stages.values())


@pytest.mark.parametrize(
    ("stage", "median_ms"),
    [("embedding", 50), ("specialty", 20), ("vector", 100), ("text", 100), ("statement", 150),
     ("ranking", 80), ("rerank", 200)],
)  # fmt: skip
def test_the_plans_budgets_are_medians(stage: str, median_ms: float) -> None:
    """Half of the draws are below the plan's figure."""
    assert load_profile("plan").stages[stage].quantile_s(0.5) == pytest.approx(median_ms / 1e3)


def test_a_cache_hit_takes_15_to_50_ms_under_the_plan() -> None:
    """The plan's own range, every value alike."""
    hit = load_profile("plan").stages["cache_hit"]
    assert [round(hit.quantile_s(q), 6) for q in (1e-9, 0.5, 1 - 1e-9)] == [0.015, 0.0325, 0.05]


def test_the_published_embedding_latency_is_met() -> None:
    """The shifted lognormal goes through the percentiles that its source gives."""
    embedding = load_profile("cloud").stages["embedding"]
    found = [embedding.quantile_s(q) for q in (0.5, 0.95, 0.99)]
    assert found == pytest.approx([0.210, 0.773, 1.572], rel=0.005)


def test_the_published_rerank_survival_is_met() -> None:
    """The table's points are the vendor's."""
    rerank = load_profile("cloud").stages["rerank"]
    found = [rerank.quantile_s(1 - p) for p in (0.505, 0.212, 0.113, 0.027, 0.014, 0.009)]
    assert found == pytest.approx([0.15, 0.2, 0.25, 0.5, 0.75, 1.0])


@EACH
@given(shares, shares)
def test_quantiles_rise(delay: Delay, q: float, other: float) -> None:
    """A larger share of draws is below a larger delay."""
    low, high = sorted((q, other))
    assert 0 <= delay.quantile_s(low) <= delay.quantile_s(high)


@given(shares)
def test_a_lognormal_is_cut_off(q: float) -> None:
    """No draw is above the largest published value."""
    delay = LognormalDelay(
        source="x", distribution="lognormal", median_ms=100, sigma=2, shift_ms=50, most_ms=400
    )
    assert 0.05 <= delay.quantile_s(q) <= 0.4


def test_draws_depend_on_stage_and_request_alone() -> None:
    """Every arm, run and machine draws the same delay for a request's stage."""
    profile = LatencyProfile("x", "", {"vector": LOGNORMAL, "text": LOGNORMAL})
    again = LatencyProfile("y", "", {"vector": LOGNORMAL})
    assert profile.delay_s("vector", "r-1") == again.delay_s("vector", "r-1")
    assert profile.delay_s("vector", "r-1") != profile.delay_s("text", "r-1")
    assert profile.delay_s("vector", "r-1") != profile.delay_s("vector", "r-2")
    assert profile.delay_s("vector", "r-1") == pytest.approx(0.09318783577)


def test_draws_follow_the_distribution() -> None:
    """Over many requests the draws have the distribution's quantiles."""
    profile = LatencyProfile("x", "", {"vector": LOGNORMAL})
    draws = [profile.delay_s("vector", f"r-{number}") for number in range(4_000)]
    assert median(draws) == pytest.approx(0.1, rel=0.02)
    assert sum(draw <= LOGNORMAL.quantile_s(0.95) for draw in draws) / 4_000 == pytest.approx(
        0.95, abs=0.015
    )


def test_what_is_not_modelled_takes_no_time() -> None:
    """Its time is measured."""
    assert LatencyProfile("x", "", {"vector": LOGNORMAL}).delay_s("text", "r-1") == 0.0


@given(st.text())
def test_any_request_id_will_do(request_id: str) -> None:
    """Ids come from logs, and may be anything."""
    assert 0.015 <= LatencyProfile("x", "", {"text": UNIFORM}).delay_s("text", request_id) <= 0.05


def test_one_s_own_file(tmp_path: Path) -> None:
    """A path ending in .toml is read as a profile."""
    path = write(
        tmp_path,
        'about = "mine"\n[stages.rerank]\ndistribution = "uniform"\n'
        'low_ms = 1\nhigh_ms = 2\nsource = "guessed"\n',
    )
    profile = load_profile(path)
    assert (profile.name, profile.about) == ("mine", "mine")
    assert profile.describe() == {"rerank": "uniform, 1 to 2 ms (guessed)"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("stages = 3", "stages: "),
        ("stage = 3", "stage: "),
        ("about = 3", "about: "),
        ("[stages.lunch]\ndistribution = 'uniform'", "stages.lunch: "),
        ("[stages.text]\nsource = 'x'", "stages.text: "),
        ("[stages.text]\ndistribution = 'normal'\nsource = 'x'", "stages.text: "),
        (
            "[stages.text]\ndistribution = 'uniform'\nlow_ms = 1\nhigh_ms = 2",
            "stages.text.source: ",
        ),
        (
            "[stages.text]\ndistribution = 'lognormal'\nmedian_ms = -1\nsigma = 1\nsource = 'x'",
            "stages.text.median_ms: ",
        ),
        (
            "[stages.text]\ndistribution = 'table'\nquantiles = [[0, 5], [1, 2]]\nsource = 'x'",
            "quantiles must rise",
        ),
        (
            "[stages.text]\ndistribution = 'table'\nquantiles = [[0.1, 5], [1, 9]]\nsource = 'x'",
            "quantiles must start at 0",
        ),
        ("[stages", "mine.toml: "),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, named: str) -> None:
    """The message names the file and the field."""
    with pytest.raises(ProfileError) as caught:
        load_profile(write(tmp_path, text))
    assert "mine.toml" in str(caught.value)
    assert named in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, and folders, are refused in words."""
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "folder.toml").mkdir()
    for name in ("bytes.toml", "folder.toml"):
        with pytest.raises(ProfileError, match=name):
            load_profile(str(tmp_path / name))


def test_an_unknown_name_lists_the_known() -> None:
    """Nobody has to look for the names."""
    with pytest.raises(ProfileError, match="cloud, local, plan"):
        load_profile("plam")


def test_the_hash_changes_with_the_delays() -> None:
    """Two profiles that draw alike have one hash, whatever they are called."""
    hashes = [
        LatencyProfile(name, "", {"text": delay}).sha256
        for name, delay in (("x", UNIFORM), ("y", UNIFORM), ("z", LOGNORMAL))
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_profiles_model_stages_that_exist() -> None:
    """No profile speaks of a stage that no arm has."""
    stages = set(load_profile("plan").stages) - {"cache_hit"}
    assert stages <= set().union(*(order.waits for order in ARMS.values()))


def test_a_profile_shows_what_it_models() -> None:
    """Each stage in milliseconds, with the source of its numbers."""
    profile = LatencyProfile("mine", "a try", {"text": UNIFORM})
    [table] = profile._card().tables
    assert repr(profile) == "LatencyProfile('mine', modelled: text)"
    assert table.rows[0][0] == "text"
    assert table.rows[0][3:] == ("uniform", UNIFORM.source)


def test_a_profile_that_models_nothing_says_so() -> None:
    """Rather than showing an empty table."""
    profile = load_profile("local")
    assert repr(profile) == "LatencyProfile('local', modelled: nothing)"
    assert profile._card().facts == (("measured", "every stage"),)
