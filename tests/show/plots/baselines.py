"""Draws the baselines anew: run `python -m tests.show.plots.baselines`, and look at the changes."""

from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt

from tests.show.plots.drawings import BASELINES, make_drawings, save_without_text


def main() -> None:
    """Write a picture for each drawing."""
    plt.switch_backend("Agg")
    BASELINES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        for name, draw in make_drawings(Path(folder)).items():
            figure = draw().get_figure(root=True)
            assert figure is not None
            save_without_text(figure, BASELINES / f"{name}.png")
            plt.close(figure)


if __name__ == "__main__":
    main()
