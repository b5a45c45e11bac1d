"""Profiles from measured stages."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hhperf.errors import ProfileError
from hhperf.experiment.latency_profiles import load_profile
from hhperf.experiment.profile_fit import fit_profile, write_profile


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lognormal stage, a gamma one that goes with it, and one of two humps."""
    rng = np.random.default_rng(3)
    common = rng.normal(size=400)
    humps = np.where(rng.uniform(size=400) < 0.5, rng.normal(20, 1, 400), rng.normal(80, 3, 400))
    frame = pd.DataFrame({
        "embedding": 20 + 50 * np.exp(0.5 * common),
        "vector": 30 + 40 * np.exp(0.4 * (0.8 * common + 0.6 * rng.normal(size=400))),
        "text": humps,
    })  # fmt: skip
    path = tmp_path_factory.mktemp("times") / "times.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_fitted_profile_draws_what_was_measured(table: Path, tmp_path: Path) -> None:
    """Quantiles and correlation of its draws; what fits no family is kept as it is."""
    out = tmp_path / "mine.toml"
    found = fit_profile(table, replicates=39)
    write_profile(found, out)
    profile, seen = load_profile(str(out)), pd.read_csv(table)
    drawn = pd.DataFrame(
        {s: [1e3 * profile.delay_s(s, f"q{n}") for n in range(2_000)] for s in seen.columns}
    )
    for stage in seen.columns:
        for q in (0.25, 0.9):
            assert drawn[stage].quantile(q) == pytest.approx(seen[stage].quantile(q), rel=0.06)
    rank = drawn["embedding"].corr(drawn["vector"], method="spearman")
    assert rank == pytest.approx(
        seen["embedding"].corr(seen["vector"], method="spearman"), abs=0.06
    )
    assert found.stages["text"].kind == "empirical"
    assert len(found.stages["text"].refused) == 2


def test_a_family_that_does_not_fit_is_refused(table: Path) -> None:
    """The stage is named."""
    with pytest.raises(ProfileError, match=r"times.csv: text is no lognormal \(p 0.025\)"):
        fit_profile(table, family="lognormal", replicates=39)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("embeding\n1\n", "column 'embeding': did you mean embedding"),
        ("vector\n1\nfast\n", r"bad.csv:3: field 'vector': give milliseconds"),
        ("vector\n1\n2\n", "vector has 2 positive times"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    """With line and field."""
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(ProfileError, match=said):
        fit_profile(tmp_path / "bad.csv")


def test_correlations_that_cannot_be_are_refused(tmp_path: Path) -> None:
    """Of a stage that is not modelled, and three that contradict each other."""
    stage = '[stages.{}]\ndistribution = "uniform"\nlow_ms = 1\nhigh_ms = 2\nsource = "x"\n'
    stages = "".join(stage.format(each) for each in ("embedding", "vector", "text"))
    rho = '[[correlations]]\nstages = ["{}", "{}"]\nrho = {}\n'
    path = tmp_path / "bad.toml"
    path.write_text(stages + rho.format("embedding", "rerank", 0.5))
    with pytest.raises(ProfileError, match="must be two modelled stages"):
        load_profile(str(path))
    triple = ("embedding", "vector", 0.9), ("vector", "text", 0.9), ("embedding", "text", -0.9)
    path.write_text(stages + "".join(rho.format(*each) for each in triple))
    with pytest.raises(ProfileError, match="together they are impossible"):
        load_profile(str(path))
