"""What the generator itself takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.harness.calibration import calibrate, complete_requests
from tests.harness.conftest import make_log

PIECES = st.lists(st.binary(max_size=30), max_size=6)


@pytest.mark.parametrize("over_http", [False, True])
async def test_the_floor_is_that_of_every_request_sent(over_http: bool) -> None:
    """Above nothing, and over HTTP above what a call takes."""
    floor = await calibrate(make_log(5), 200, seconds=0.25, over_http=over_http)
    assert floor.requests == 50
    assert 0 < floor.service_p50_s <= floor.service_p99_s
    assert floor.lag_p99_s >= 0


@given(PIECES, st.integers(0, 200))
def test_the_null_server_counts_whole_requests(bodies: list[bytes], cut: int) -> None:
    """However they are divided on the way."""
    data = b"".join(
        b"POST / HTTP/1.1\r\nContent-Length: %d\r\nHost: x\r\n\r\n%s" % (len(body), body)
        for body in bodies
    )
    first, rest = complete_requests(data[:cut])
    second, left = complete_requests(rest + data[cut:])
    assert (first + second, left) == (len(bodies), b"")
