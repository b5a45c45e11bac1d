"""Figures. Each function takes data and an optional Axes, draws, and returns the Axes.

None computes a statistic, none shows a figure. All share one style sheet and one language
(`hhperf.show.plots.language`): colours told apart with any kind of colour vision, units on every
axis, nothing behind but the page, light or dark. A figure that a function makes itself has a
caption with the number of requests and, as far as its data know it, profile and modelled stages;
`add_caption` puts another in its place. ::

    ax = plot_percentiles(run)
    save_figure(ax, "percentiles.svg")
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
