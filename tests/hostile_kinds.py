"""Every kind of input that is tried: each verb's options, each reader's files, the environment."""

import io
import json
import os
import shutil
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from unittest.mock import patch

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from hypothesis import strategies as st

from hhperf.analysis.power import Goal
from hhperf.cli.main import app
from hhperf.experiment.latency_profiles import load_profile
from hhperf.harness.stage_table import load_stage_table
from hhperf.runs.run import load_run
from hhperf.search.settings import Settings
from hhperf.verdict.latency_file import load_latencies
from hhperf.workload.importers.importing import import_log
from hhperf.workload.reader import load_query_log
from tests.hostile import (
    Kind,
    altered,
    bitten,
    hostile_words,
    take_command,
    zipped,
)
from tests.hostile_traces import trace_kinds

CSV = b"control,treatment,cluster,run\n" + b"".join(
    f"0.{40 + each % 37},0.{25 + each % 23},{each % 25},{each % 2}\n".encode() for each in range(60)
)
LINES = [
    {"request_id": f"r{n}", "offset_s": 0.04 * n, "tenant": "acme", "session": f"s{n // 2}",
     "body": {"query": f"engineer {n}", "limit": 10, "filters": {"skills": ["python"]}}}
    for n in range(4)
]  # fmt: skip
SERVICE = [
    {"level": 30, "time": 1_767_225_600_000 + n, "reqId": f"req-{n}", "tenantId": "acme",
     "req": {"method": "POST", "url": "/v1/search/hybrid", "headers": {"x-tenant-id": "acme"},
             "body": {"query": "engineer", "limit": 5}}, "responseTime": 12.5}
    for n in range(3)
]  # fmt: skip
ACCESS = (
    b"10.0.0.1 - ann [01/Jan/2026:00:00:00 +0000]"
    b' "GET /v1/search/hybrid?query=engineer&tenant=acme HTTP/1.1"'
    b' 200 512 "-" "curl/8"\n'
) * 3
HAR = {
    "log": {"entries": [
        {"startedDateTime": "2026-01-01T00:00:00.000Z", "time": 12,
         "request": {"method": "POST", "url": "https://a.example/v1/search/hybrid",
                     "headers": [{"name": "X-Tenant-ID", "value": "acme"}],
                     "postData": {"mimeType": "application/json",
                                  "text": "{\"query\": \"engineer\"}"}}}
    ]}
}  # fmt: skip
PROFILE = (
    b'about = "a place"\n[stages.embedding]\ndistribution = "lognormal"\nmedian_ms = 40\n'
    b'sigma = 0.5\nsource = "a guess"\n[stages.rerank]\ndistribution = "table"\n'
    b'quantiles = [[0, 10], [0.5, 20.5], [1, 90]]\nsource = "a guess"\n'
)
STAGES = b'ignore = ["cdn"]\n[stages]\ndb = "retrieval"\nredis = "cache"\n[sums]\napp = "total"\n'

STARTED_BY = {"serve", "doctor", "stack up", "stack down", "stack status"}
"""Verbs that are nothing but what they start."""

SOURCES = ("run", "broken", "some.csv", "log.jsonl", "plan.toml", "no/such", "")
OUTS = ("out", "out.jsonl", "out.csv", "out.parquet", "out.md", "some.csv", "no/such/out", "")


def kinds() -> Mapping[str, Kind]:
    """Every kind by its name."""
    commands = {f"hhperf {verb}": _of_verb(verb) for verb in _verbs()}
    return {
        **commands,
        **_of_files(),
        **dict(trace_kinds()),
        "settings": _of_settings(),
        "goal": _of_goal(),
    }


@cache
def _verbs() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, each in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        below = getattr(each, "commands", {"": each})
        found |= {f"{name} {inner}".strip(): command for inner, command in below.items()}
    return {name: each for name, each in found.items() if name not in STARTED_BY}


def _of_verb(verb: str) -> Kind:
    options = [each for each in _verbs()[verb].params if each.name != "help"]
    arguments = [each for each in options if each.param_type_name == "argument"]
    named = [each for each in options if each.param_type_name == "option"]
    words = st.tuples(
        st.just(verb.split()),
        st.tuples(*(_argument(verb, each) for each in arguments)),
        st.lists(st.sampled_from(named).flatmap(_option), max_size=3) if named else st.just([]),
    ).map(partial(_line, dry_run=any("--dry-run" in each.opts for each in named)))
    return Kind(words, _in_folder)


def _argument(verb: str, given: Any) -> st.SearchStrategy[str]:
    """Mostly what the verb takes."""
    if given.name == "out":
        return st.just("out.jsonl") | st.sampled_from(OUTS)
    sound = "log.jsonl" if verb.startswith("log") else "run"
    return st.just(sound) | st.just(sound) | st.sampled_from(SOURCES)


def _option(option: Any) -> st.SearchStrategy[list[str]]:
    name = option.opts[-1]
    if option.is_flag:
        return st.sampled_from([[each] for each in (*option.opts, *option.secondary_opts)])
    usual = st.sampled_from([*_choices_of(option), *OUTS, *SOURCES, "1", "3", "0.5", "parallel"])
    return (hostile_words | usual).map(lambda word: [name, word])


def _choices_of(option: Any) -> list[str]:
    """The words that an option takes; in older releases of typer its type has them."""
    if hasattr(option, "type_descriptor"):
        return _choices(option.type_descriptor.annotation)
    return list(getattr(option.type, "choices", ()))


def _choices(declared: Any) -> list[str]:
    """The words that a declared type takes."""
    if get_origin(declared) is Literal:
        return list(get_args(declared))
    return [word for each in get_args(declared) for word in _choices(each)]


def _line(parts: Any, *, dry_run: bool) -> list[str]:
    verb, arguments, options = parts
    words = [word for option in options for word in option]
    return [*verb, *(["--dry-run"] if dry_run else []), *words, "--", *arguments]


def _in_folder(arguments: list[str], folder: Path) -> str:
    """A folder with one sound input of each sort, and a broken run."""
    shutil.copytree(_small_run(), folder / "run")
    shutil.copytree(folder / "run", folder / "broken")
    (folder / "broken" / "run.json").write_text("{")
    (folder / "some.csv").write_bytes(CSV)
    (folder / "log.jsonl").write_bytes(_lines(LINES))
    (folder / "plan.toml").write_bytes(PROFILE)
    before = Path.cwd()
    os.chdir(folder)
    try:
        return take_command(arguments, folder)
    finally:
        os.chdir(before)


@cache
def _small_run() -> Path:
    return Path(__file__).parent / "runs" / "kept" / "format_3"


def _of_files() -> dict[str, Kind]:
    def kind(cases: st.SearchStrategy[bytes], name: str, read: Callable[[Path], object]) -> Kind:
        return Kind(cases, partial(_read, name=name, read=read))

    found = {"latency CSV": kind(bitten(CSV), "some.csv", _compared)}
    for name in ("log.jsonl", "log.jsonl.gz", "log.csv", "log.parquet"):
        found[f"query log {name}"] = kind(bitten(_log(name)), name, load_query_log)
    found["query log, values"] = kind(_altered_lines(LINES), "log.jsonl", load_query_log)
    for name, sound, whole in (
        ("service", _lines(SERVICE), _altered_lines(SERVICE)),
        ("access", ACCESS, bitten(ACCESS)),
        ("har", json.dumps(HAR).encode(), altered(HAR).map(_encoded)),
    ):
        found[f"{name} log"] = kind(
            bitten(sound) | whole, "some.log", partial(import_log, kind=name)
        )
    found["profile"] = kind(bitten(PROFILE), "p.toml", lambda path: load_profile(str(path)))
    found["stage table"] = kind(bitten(STAGES), "s.toml", load_stage_table)
    kept = _small_run()
    told = json.loads((kept / "run.json").read_text(encoding="utf-8"))
    found["run.json"] = Kind(altered(told).map(_encoded), partial(_read_run, name="run.json"))
    for folder in (kept, kept.with_name("format_3_cut_off")):
        for path in sorted(folder.iterdir()):
            found[f"{folder.name}/{path.name}"] = Kind(
                bitten(path.read_bytes()), partial(_read_run, name=path.name, sound=folder)
            )
    return found


def _read(content: bytes, folder: Path, *, name: str, read: Callable[[Path], object]) -> str:
    path = folder / name
    path.write_bytes(zipped(content, name))
    read(path)
    return "read"


def _read_run(content: bytes, folder: Path, *, name: str, sound: Path | None = None) -> str:
    shutil.copytree(sound or _small_run(), folder / "run")
    (folder / "run" / name).write_bytes(content)
    run = load_run(folder / "run")
    _ = run.observations, run.health, run.pairs(), run.ending, repr(run)
    return "read"


def _compared(path: Path) -> None:
    load_latencies(path).compare(quantiles=(0.5,))


def _of_settings() -> Kind:
    names = [name.upper() for name in Settings.model_fields]
    words = hostile_words.filter(lambda word: word.isprintable())
    cases = st.dictionaries(st.sampled_from(names), words, min_size=1, max_size=3)
    return Kind(cases, _settings)


def _settings(given: dict[str, str], _folder: Path) -> str:
    with patch.dict(os.environ, given):
        _ = Settings.from_environment().public()
    return "read"


def _of_goal() -> Kind:
    numbers = st.tuples(*[st.floats()] * 4)
    return Kind(numbers, lambda each, _folder: f"{bool(Goal(*each).pairs(0.1))}")


def _lines(records: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(each)}\n" for each in records).encode()


def _log(name: str) -> bytes:
    """The lines as a query log of that name has them; text is zipped after it was bitten."""
    written = io.BytesIO()
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(LINES), written)
        return written.getvalue()
    if name.endswith(".csv"):
        cells = [{**each, "body": json.dumps(each["body"])} for each in LINES]
        pd.DataFrame(cells).to_csv(written, index=False)
        return written.getvalue()
    return _lines(LINES)


def _altered_lines(records: list[dict[str, Any]]) -> st.SearchStrategy[bytes]:
    return altered(records).map(
        lambda found: "".join(f"{json.dumps(each)}\n" for each in found).encode()
    )


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()
