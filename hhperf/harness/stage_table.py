"""Which stage a service means by a name: production's names, and a table of one's own for others.

The table is a TOML file; names are those of `Server-Timing` metrics and of `timings` in the body::

    ignore = ["cdn"]          # no part of the service's work

    [stages]                  # a stage's own time; several names of one stage add up
    db = "retrieval"
    redis = "cache"

    [sums]                    # the whole of several stages: `total`, or `retrieval`
    app = "total"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hhperf.errors import StageTableError

TOTAL, RETRIEVAL = "total", "retrieval"

Name = Annotated[str, Field(min_length=1)]
Sum = Literal["total", "retrieval"]

_STAGES = {
    "cacheMs": "cache",
    "embeddingMs": "embedding",
    "specialtyMs": "specialty",
    "vectorSearchMs": "vector",
    "textSearchMs": "text",
    "retrievalMs": RETRIEVAL,
    "rankingMs": "ranking",
    "rerankMs": "rerank",
}
"""Production's `timings`; its other fields are sums and differences of these."""

_SUMS: Mapping[str, Sum] = {"totalMs": "total", "total": "total"}
_REPEATED = {**_STAGES, "totalMs": TOTAL}
"""Production's `timings`, each with the metric of `Server-Timing` that repeats it."""


class _File(BaseModel):
    """The content of a table's file."""

    model_config = ConfigDict(extra="forbid")

    ignore: list[Name] = Field(default_factory=list)
    stages: dict[Name, Name] = Field(default_factory=dict)
    sums: dict[Name, Sum] = Field(default_factory=dict)


@dataclass(frozen=True)
class StageTable:
    """What names on the wire mean, before production's; a name that is nowhere means itself.

    Attributes:
        stages: a stage by each name; a stage's own time.
        sums: `total` for the whole of what the service did; `retrieval` for the whole of vector
            and text search where those are told too.
        ignored: names of what is no part of the service's work.
    """

    stages: Mapping[str, str] = field(default_factory=dict)
    sums: Mapping[str, Sum] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()

    @cached_property
    def meanings(self) -> Mapping[str, str | None]:
        """By each known name the stage, or the sum, that it means; None for one to be ignored.

        A field of production's and the metric that repeats it, such as `embeddingMs` and
        `embedding`, mean the same: who names one names both, or its time would count twice.
        """
        own = {**self.stages, **self.sums, **dict.fromkeys(self.ignored)}
        paired = {field: own[metric] for field, metric in _REPEATED.items() if metric in own}
        paired |= {metric: own[field] for field, metric in _REPEATED.items() if field in own}
        return {**_STAGES, **_SUMS, **paired, **own}

    @cached_property
    def summed(self) -> frozenset[str]:
        """What names of sums mean."""
        return frozenset({TOTAL, *self.sums.values()})

    def describe(self) -> str:
        """What it says, on one line."""
        said = [f"{name} is {stage}" for name, stage in {**self.stages, **self.sums}.items()]
        return ", ".join([*said, *(f"{name} is ignored" for name in sorted(self.ignored))])


PRODUCTION = StageTable()
"""Production's names, and none besides."""


def load_stage_table(path: Path | str) -> StageTable:
    """A table from its TOML file.

    Raises:
        StageTableError: it cannot be read, or a name stands in it twice; names file and field.
    """
    where = str(path)
    try:
        content = _File.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        name = ".".join(str(part) for part in problem["loc"])
        raise StageTableError(
            f"{problem['msg']}; there are ignore, [stages] and [sums]", path=where, field=name
        ) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise StageTableError(said or "cannot be read", path=where) from error
    _must_be_clear(content, where)
    return StageTable(content.stages, content.sums, frozenset(content.ignore))


def _must_be_clear(content: _File, where: str) -> None:
    for name in {*content.stages, *content.sums, *content.ignore}:
        if (name in content.stages) + (name in content.sums) + (name in content.ignore) > 1:
            raise StageTableError("stands in the table twice", path=where, field=name)
    for name, stage in content.stages.items():
        if stage == TOTAL:
            raise StageTableError(
                "total is no stage: name it under [sums]", path=where, field=f"stages.{name}"
            )
