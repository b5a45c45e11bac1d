"""Fills a database with the corpus: tables, candidates, embeddings, taxonomy, indexes."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import Any, TypeVar

import asyncpg
import numpy as np
from numpy.typing import NDArray
from pgvector.asyncpg import register_vector

from hhperf.long_work import progress_bar
from hhperf.search.settings import Settings
from hhperf.search.statements import SPECIALTY_TABLE
from hhperf.stack import schema
from hhperf.stack.embedder import Embedder
from hhperf.workload.corpus.candidates import CandidateRow, generate_candidates
from hhperf.workload.corpus.vocabulary import load_taxonomy

BATCH = 2_000
MAINTENANCE_MEMORY = "1GB"
INDEX_WORKERS = 2
POLL_S = 0.2

INDEX_PROGRESS = "SELECT blocks_done, blocks_total FROM pg_stat_progress_create_index"

T = TypeVar("T")


async def build(where: dict[str, Any], settings: Settings, *, candidates: int, seed: int) -> None:
    """Create the schema and fill it, all or nothing.

    Args:
        where: asyncpg's connection arguments of a database without the schema.
        settings: names and dimensions.
        candidates: how many people.
        seed: of the corpus.

    Raises:
        asyncpg.PostgresError: the schema is there already, or the server lacks pgvector.
    """
    connection = await asyncpg.connect(**where)
    try:
        async with connection.transaction():
            for statement in schema.TABLES:
                await connection.execute(schema.named(statement, settings))
            await register_vector(connection)
            await _copy_taxonomy(connection, settings)
            await _copy_candidates(connection, settings, candidates, seed)
            await connection.execute(f"SET LOCAL maintenance_work_mem = '{MAINTENANCE_MEMORY}'")
            await connection.execute(
                f"SET LOCAL max_parallel_maintenance_workers = {INDEX_WORKERS}"
            )
            async with _index_progress(where):
                for statement in schema.INDEXES:
                    await connection.execute(schema.named(statement, settings))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _copy_taxonomy(connection: Any, settings: Settings) -> None:
    await connection.copy_records_to_table(
        SPECIALTY_TABLE,
        schema_name=settings.pgvector_schema,
        columns=["term", "lang", "specialty", "weight"],
        records=[(each.term, each.lang, each.specialty, each.weight) for each in load_taxonomy()],
    )


async def _copy_candidates(connection: Any, settings: Settings, candidates: int, seed: int) -> None:
    embedder = Embedder(settings.pgvector_dimensions)
    rows = generate_candidates(candidates, seed=seed)
    with progress_bar("candidates", candidates, keep=False) as bar:
        for batch in _batches(rows, BATCH):
            # The server makes the text documents of a batch while its texts are embedded here.
            embedding = asyncio.to_thread(embedder.embed, [row.text for row in batch])
            vectors, _ = await asyncio.gather(
                embedding, _copy_profiles(connection, settings, batch)
            )
            await _copy_embeddings(connection, settings, batch, vectors, embedder.name)
            bar.update(len(batch))


async def _copy_profiles(
    connection: Any, settings: Settings, batch: Sequence[CandidateRow]
) -> None:
    await connection.copy_records_to_table(
        settings.pgvector_profiles_table,
        schema_name=settings.pgvector_schema,
        columns=PROFILE_COLUMNS,
        records=[_profile_record(row) for row in batch],
    )


async def _copy_embeddings(
    connection: Any,
    settings: Settings,
    batch: Sequence[CandidateRow],
    vectors: NDArray[np.float32],
    model: str,
) -> None:
    metadata = json.dumps({"model": model})
    await connection.copy_records_to_table(
        settings.pgvector_embeddings_table,
        schema_name=settings.pgvector_schema,
        columns=EMBEDDING_COLUMNS,
        records=[
            (row.tenant_id, row.candidate_id, vector, metadata, model)
            for row, vector in zip(batch, vectors, strict=True)
        ],
    )


EMBEDDING_COLUMNS = ["tenant_id", "entity_id", "embedding", "metadata", "model_version"]
PROFILE_COLUMNS = [
    "candidate_id", "tenant_id", "full_name", "current_title", "headline", "location", "country",
    "industries", "skills", "years_experience", "analysis_confidence", "profile",
]  # fmt: skip


def _profile_record(row: CandidateRow) -> tuple[Any, ...]:
    values = (getattr(row, column) for column in PROFILE_COLUMNS[:-1])
    return (*values, json.dumps(row.profile, ensure_ascii=False))


@asynccontextmanager
async def _index_progress(where: dict[str, Any]) -> AsyncIterator[None]:
    """Show how far the index build has come; another connection can see it."""

    async def watch() -> None:
        watcher = await asyncpg.connect(**where)
        try:
            with progress_bar("indexing", None, unit="block", keep=False) as bar:
                while True:
                    row = await watcher.fetchrow(INDEX_PROGRESS)
                    if row is not None:
                        if bar.total != row["blocks_total"]:
                            bar.reset(row["blocks_total"])
                        bar.n = row["blocks_done"]
                        bar.refresh()
                    await asyncio.sleep(POLL_S)
        finally:
            await watcher.close()

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
