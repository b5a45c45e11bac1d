"""A fitted profile by command."""

from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from hhperf.cli.main import app


def test_a_profile_is_fitted_and_drawn(tmp_path: Path) -> None:
    """A table, the profile and its picture."""
    times = np.random.default_rng(4).lognormal(4, 0.5, 120)
    (tmp_path / "t.csv").write_text("rerank\n" + "\n".join(map(str, times)))
    out = tmp_path / "mine.toml"
    ended = CliRunner().invoke(app, ["profile", "fit", str(tmp_path / "t.csv"), "-o", str(out)])
    assert ended.exit_code == 0, ended.output
    assert "Fitted stages" in ended.output
    assert out.with_suffix(".png").is_file()
