"""The statistics of savings: paired, clustered, at every quantile.

Needs NumPy and SciPy only. ``compare_samples`` is the way in; the rest are the parts it is made of.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
