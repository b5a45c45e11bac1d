"""What the doctor says of parts that are well and of parts that are not."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from hhperf.cli.main import app
from hhperf.search.settings import Settings
from hhperf.stack import schema
from hhperf.stack.doctor import diagnose
from hhperf.stack.inspect_parts import Finding
from hhperf.stack.made_of import Corpus
from hhperf.stack.stack import Stack
from tests.conftest import SMALL


@pytest_asyncio.fixture
async def bare(stack: Stack) -> AsyncIterator[tuple[Settings, asyncpg.Connection]]:
    """Settings of a new database without anything, on the embedded server, and a connection."""
    where = dict(stack.endpoints.postgres)
    owner = await asyncpg.connect(**where)
    await owner.execute("CREATE DATABASE bare")
    connection = await asyncpg.connect(**{**where, "database": "bare"})
    try:
        yield Settings(pgvector_host=where["host"], pgvector_database="bare"), connection
    finally:
        await connection.close()
        await owner.execute("DROP DATABASE bare")
        await owner.close()


async def create(connection: asyncpg.Connection, settings: Settings, *left_out: str) -> None:
    """Make the tables but those left out."""
    for statement in schema.TABLES:
        if statement not in left_out:
            await connection.execute(schema.named(statement, settings))


def by_check(settings: Settings | None = None) -> dict[str, Finding]:
    """What is found, by what was looked at."""
    return {each.check: each for each in diagnose(settings, SMALL)}


def wrong(settings: Settings | None = None) -> dict[str, Finding]:
    """What is found to be wrong."""
    return {check: each for check, each in by_check(settings).items() if not each.ok}


def test_a_running_stack_is_well(stack: Stack) -> None:
    """Every part, table and answer was looked at, and nothing is wrong."""
    found = by_check()
    assert wrong() == {}
    assert {
        "Python", "PostgreSQL program", "Valkey program", "embedding model", "cache folder",
        "embedded data", "postgres", "redis", "embedding", "rerank", "pgvector", "hnsw.ef_search",
        "profiles table", "embeddings table", "dimensions", "statements", "rows",
        "specialty taxonomy", "embedding answers", "rerank answers",
    } <= set(found)  # fmt: skip


def test_parts_that_do_not_run_are_not_wrong(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """Embedded servers start when they are needed; the doctor starts none."""
    monkeypatch.setenv("HHPERF_CACHE_DIR", str(root / "cache"))
    found = by_check()
    assert all(each.ok for each in found.values())
    assert "not built yet" in found["embedded data"].message
    assert "starts when it is needed" in found["postgres"].message
    assert "dimensions" not in found


def test_a_wrong_variable_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names it, and the machine is looked at all the same."""
    monkeypatch.setenv("PGVECTOR_POOL_MAX", "many")
    found = by_check()
    assert "PGVECTOR_POOL_MAX='many'" in found["settings"].message
    assert not found["settings"].ok
    assert found["Valkey program"].ok


def test_an_external_redis_that_does_not_answer(stack: Stack) -> None:
    """The address is named, and what to check."""
    found = wrong(Settings(redis_host="127.0.0.1", redis_port=1))
    assert set(found) == {"redis"}
    assert found["redis"].message.startswith("127.0.0.1:1: ")
    assert "REDIS_HOST" in found["redis"].remedy


def test_an_address_that_is_none() -> None:
    """A malformed address is told by its variable."""
    found = wrong(Settings(embed_service_url="http://ü..de"))
    assert set(found) == {"EMBED_SERVICE_URL"}


async def test_a_database_without_pgvector(
    bare: tuple[Settings, asyncpg.Connection],
) -> None:
    """Nothing else of it is looked at."""
    found = wrong(bare[0])
    assert set(found) == {"pgvector"}
    assert "CREATE EXTENSION vector" in found["pgvector"].remedy


async def test_a_database_without_tables(bare: tuple[Settings, asyncpg.Connection]) -> None:
    """Each table missing is named."""
    settings, connection = bare
    await connection.execute(schema.EXTENSION)
    found = wrong(settings)
    assert set(found) == {"profiles table", "embeddings table", "specialty taxonomy"}
    assert "candidate_profiles" in found["profiles table"].message


async def test_a_database_without_the_taxonomy(bare: tuple[Settings, asyncpg.Connection]) -> None:
    """The remedy says how a search goes on, and how to make the table."""
    settings, connection = bare
    await create(connection, settings, schema.SPECIALTY_TERMS)
    remedy = wrong(settings)["specialty taxonomy"].remedy
    assert "goes on without a specialty" in remedy
    await connection.execute(remedy.split("one: ")[1].split(";")[0])
    assert "specialty taxonomy" not in wrong(settings)


async def test_a_missing_column_is_named(bare: tuple[Settings, asyncpg.Connection]) -> None:
    """The table lacks what was dropped."""
    settings, connection = bare
    await create(connection, settings)
    await connection.execute("ALTER TABLE search.candidate_profiles DROP COLUMN headline CASCADE")
    message = wrong(settings)["profiles table"].message
    assert message == "candidate_profiles lacks headline, search_document"


async def test_a_column_of_another_type(bare: tuple[Settings, asyncpg.Connection]) -> None:
    """The statement that the server refuses is named; so is an empty table."""
    settings, connection = bare
    await create(connection, settings)
    await connection.execute(
        "ALTER TABLE search.candidate_profiles ALTER profile DROP DEFAULT, ALTER profile TYPE text"
    )
    found = wrong(settings)
    assert set(found) == {"statements", "rows"}
    assert found["statements"].message.startswith("hydration: ")


@pytest.mark.parametrize("declared", ["vector", "vector(768)"])
async def test_embeddings_of_other_dimensions(
    bare: tuple[Settings, asyncpg.Connection], declared: str
) -> None:
    """Also where the column leaves them open, and only a row tells."""
    settings, connection = bare
    await create(connection, settings)
    await connection.execute(
        f"ALTER TABLE search.candidate_embeddings ALTER embedding TYPE {declared};"
        " INSERT INTO search.candidate_embeddings (tenant_id, entity_id, embedding)"
        " SELECT 't', 'e', array_fill(1, ARRAY[768])::vector"
    )
    finding = wrong(settings.model_copy(update={"pgvector_dimensions": 512}))["dimensions"]
    assert finding.message == "vector(768), vector(512) asked for"


def test_a_service_with_embeddings_of_another_length(stack: Stack) -> None:
    """The embedded service's 768 numbers do not fit 512 dimensions."""
    url = stack.endpoints.embed_url
    found = wrong(Settings(embed_service_url=url, pgvector_dimensions=512))
    assert set(found) == {"embedding answers"}
    assert "needs 512 numbers" in found["embedding answers"].message


def test_a_cache_folder_that_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file stands where the folder should."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("HHPERF_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert "HHPERF_CACHE_DIR" in wrong()["cache folder"].remedy


def test_a_disk_too_small_for_the_data(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """A corpus that no disk has room for."""
    monkeypatch.setenv("HHPERF_CACHE_DIR", str(root))
    found = {each.check: each for each in diagnose(corpus=Corpus(10**12))}
    assert not found["embedded data"].ok


def test_the_command_ends_with_5_when_something_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong stands in its table."""
    monkeypatch.setenv("PGVECTOR_POOL_MAX", "many")
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 5
    assert "WRONG" in result.output
