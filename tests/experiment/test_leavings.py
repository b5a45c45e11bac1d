"""Which keys no request will read any more."""

from hhperf.experiment.leavings import Leavings


def test_keys_are_left_behind_when_their_request_ends() -> None:
    """Not while it is under way, whichever request ends first; and each is given once."""
    leavings = Leavings("arm:x")
    with leavings.request() as one:
        leavings.note(f"{one}:embedding:e")
        with leavings.request() as other:
            leavings.note(f"{other}:embedding:e")
            assert leavings.take() == []
        assert leavings.take() == [f"{other}:embedding:e"]
    assert leavings.take() == [f"{one}:embedding:e"]
    assert leavings.take() == []


def test_what_others_read_stays() -> None:
    """A lookup that a warm cache shares, or the key of another target."""
    leavings = Leavings("arm:x")
    with leavings.request() as own:
        leavings.note("arm:embedding:e")
        leavings.note(f"arm:y:{own.rpartition(':')[2]}:embedding:e")
    assert leavings.take() == []


def test_what_is_written_late_is_left_behind_too() -> None:
    """A request that was given up may still write."""
    leavings = Leavings("arm:x")
    with leavings.request() as own:
        pass
    leavings.note(f"{own}:result:r")
    assert leavings.take() == [f"{own}:result:r"]
