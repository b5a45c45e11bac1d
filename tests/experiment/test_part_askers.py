"""Whether the parts of the real stack are asked, and what their silence looks like."""

from pathlib import Path

import pytest

from hhperf.experiment.part_askers import CacheAsker, DatabaseAsker, ProviderAsker, askers_of
from hhperf.harness.parts import Asker, PortAsker
from hhperf.stack.stack import Stack


async def test_every_part_of_a_stack_answers_more_than_once(stack: Stack) -> None:
    """Each over a connection of its own, which is kept."""
    made = {name: make() for name, make in askers_of(stack.settings, stack.endpoints).items()}
    assert list(made) == ["PostgreSQL", "Valkey", "The embedding provider"]
    for asker in made.values():
        await asker.ask()
        await asker.ask()
        await asker.close()


@pytest.mark.parametrize(
    "nobody",
    [
        lambda folder: DatabaseAsker({"host": str(folder), "user": "nobody"}),
        lambda folder: CacheAsker({"unix_socket_path": str(folder / "none.sock")}),
        lambda folder: ProviderAsker("http://127.0.0.1:1"),
        lambda folder: PortAsker("127.0.0.1", 1),
    ],
    ids=["database", "cache", "provider", "port"],
)
async def test_what_is_not_there_does_not_answer(tmp_path: Path, nobody: "type[Asker]") -> None:
    """Whatever is raised says so."""
    asker = nobody(tmp_path)  # type: ignore[call-arg]
    with pytest.raises(Exception, match=r"."):
        await asker.ask()
    await asker.close()
