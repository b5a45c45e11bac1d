"""A run that is looked at, and how much of it a prediction is made from."""

import numpy as np

from hhperf.forecast.basis import Basis
from hhperf.show.findings import Findings
from hhperf.show.look.looked_at import replace_requests


def test_some_of_the_requests_have_no_text_that_none_asks(exceeding: Findings) -> None:
    """What is drawn are whole texts, and an empty one would take time and give nothing."""
    whole = Basis.of(exceeding.run)
    some = replace_requests(whole, np.arange(0, len(whole.requests), 7))
    assert (np.bincount(some.requests.texts) > 0).all()
    assert len(np.bincount(some.requests.texts)) == len(np.unique(whole.requests.texts[::7]))
