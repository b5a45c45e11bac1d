"""Parts that go, and are waited for."""

import asyncio
from dataclasses import dataclass

import pytest

from hhperf.errors import PlanError, StackError
from hhperf.harness.supervision import supervised


@dataclass
class Part:
    """Answers while it is there; it is away for so many questions from a given one on."""

    away_from: int = 10**9
    away_for: int = 0
    asked: int = 0
    closed: bool = False

    async def ask(self) -> None:
        """Raises while it is away."""
        self.asked += 1
        if 0 <= self.asked - self.away_from < self.away_for:
            raise ConnectionRefusedError("nobody is there")

    async def close(self) -> None:
        """Nobody asks any more."""
        self.closed = True


async def test_a_part_that_comes_back_makes_a_pause(capsys: pytest.CaptureFixture[str]) -> None:
    """It is said once that it is waited for, and once that it is back."""
    part = Part(away_from=2, away_for=3)
    async with supervised({"PostgreSQL": part}) as supervision:
        await supervision.look()
        assert supervision.is_gone
        await supervision.clear()
        assert not supervision.was_gone(2**62, 2**62)
    (pause,) = supervision.pauses
    assert "PostgreSQL did not answer" in pause.reason
    assert "ConnectionRefusedError: nobody is there" in pause.reason
    said = capsys.readouterr().err
    assert "PostgreSQL does not answer; waiting up to 60 s for it" in said
    assert "PostgreSQL answered again" in said
    assert part.closed


async def test_what_overlaps_a_pause_was_harmed_and_nothing_else() -> None:
    """Before, while it lasts, and after."""
    async with supervised({"Valkey": Part(away_from=2, away_for=3)}) as supervision:
        await supervision.look()
        assert supervision.was_gone(0, 2**62)
        await supervision.clear()
        (pause,) = supervision.pauses
        assert not supervision.was_gone(0, pause.from_ns - 1)
        assert supervision.was_gone(0, pause.from_ns)
        assert not supervision.was_gone(pause.until_ns + 1, 2**62)


async def test_without_patience_the_first_silence_is_the_end() -> None:
    """The reason names the part, and the pause is kept."""
    async with supervised({"Valkey": Part(away_from=2, away_for=99)}, 0) as supervision:
        await supervision.look()
        with pytest.raises(StackError, match="Valkey did not answer"):
            await supervision.clear()
    assert len(supervision.pauses) == 1


async def test_one_question_without_an_answer_is_no_loss() -> None:
    """A machine that stood still lets a time run out."""
    async with supervised({"Valkey": Part(away_from=2, away_for=1)}) as supervision:
        await supervision.look()
        assert not supervision.is_gone


async def test_what_was_never_there_is_not_watched() -> None:
    """The run can do without it."""
    part = Part(away_from=1, away_for=99)
    async with supervised({"Valkey": part}, 0) as supervision:
        await supervision.look()
        await supervision.clear()
    assert part.asked == 1


async def test_work_is_broken_off_when_a_part_goes() -> None:
    """And is done to its end while all answer."""

    async def endless() -> None:
        await asyncio.Event().wait()

    async with supervised({"Valkey": Part(away_from=3, away_for=99)}, 1) as supervision:
        assert await supervision.while_all_answer(asyncio.sleep(0), breaks=True)
        asyncio.get_running_loop().create_task(supervision.look())
        assert not await supervision.while_all_answer(endless(), breaks=True)


async def test_patience_is_a_length_of_time() -> None:
    """Neither negative nor endless."""
    with pytest.raises(PlanError, match="patience is -1"):
        async with supervised({}, -1):
            pass
