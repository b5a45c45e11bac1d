"""Draws the pictures of the README anew: run `python -m tests.show.plots.shipped_pictures`."""

import matplotlib.pyplot as plt

from hhperf import plots
from hhperf.forecast.map_file import read_map
from hhperf.runs.run import load_run
from hhperf.show.findings import Findings
from hhperf.show.recorded_sweep import load_sweep
from hhperf.workload.shipped import data_dir

POOLS = (20, 4)
TITLE = {"fontsize": 9.5, "fontweight": "bold"}


def main() -> None:
    """Write each beside the runs that it shows."""
    plt.switch_backend("Agg")
    runs = data_dir() / "runs"
    for name in ("plan-rerank-off", "plan-rerank-on"):
        Findings.of(load_run(runs / name)).save_picture(runs / name)
    found = {n: load_sweep(runs / "sweep-plan" / f"pool-{n}").findings for n in POOLS}
    caption = plots.sweep_caption(found[20].sweep, found[20].run).replace(", pool_max 20", "")
    figure, axes = plots.subplots(1, len(POOLS), sharey=True, caption=caption)
    for ax, (connections, each) in zip(axes, found.items(), strict=True):
        plots.plot_savings_by_load(each.sweep, ax=ax)
        ax.set_title(f"{connections} connections an arm", loc="left", **TITLE)
    plots.save_figure(figure, runs / "sweep-plan" / "savings.png")
    place = data_dir() / "map"
    if (claim := read_map(place)) is not None:
        plots.save_figure(plots.plot_claim_map(claim), place / "map.png")


if __name__ == "__main__":
    main()
