"""`hhperf trace`, as a user meets it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hhperf.workload.shipped import data_dir
from tests.cli.conftest import Ended
from tests.traces.made import behind_lengths, call, message

RUN = str(data_dir() / "runs" / "claim" / "plan")
STEPS = (("embed", 1, 41), ("text", 42, 82), ("rank", 83, 99))


@pytest.fixture(autouse=True)
def _in_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, total_ms: float = 100.0) -> str:
    """Fifty traces in a file."""
    spans = [
        each
        for trace in range(1, 51)
        for each in call(trace, STEPS, total_ms + trace / 100, {"tier": "gold"})
    ]
    Path(name).write_bytes(behind_lengths([message(spans)]))
    return name


def test_traces_go_from_files_to_a_prediction(command: Callable[..., Ended]) -> None:
    """Import, look, declare, predict."""
    ended = command("trace", "import", write("a.otlp"), "traces", "--keep", "tier")
    assert (ended.code, ended.err) == (0, "")
    assert "50 traces with 200 spans" in ended.out
    assert "3 pairs never did" in command("trace", "show", "traces").out
    ended = command(
        "trace", "predict", "traces", "--independent", "embed,text", "--cluster", "tier", "--json"
    )
    found = json.loads(ended.out)
    assert found["independent"] == [["embed", "text"]]
    assert found["results"][0]["prediction"] == "PREDICTED TO EXCEED"


def test_a_load_is_asked_for_by_pool_and_rate(command: Callable[..., Ended]) -> None:
    """Where the traces say too little of when calls come, each is predicted alone, and why."""
    command("trace", "import", write("a.otlp"), "traces")
    predict = ("trace", "predict", "traces", "--pool", "database=1:embed,text")
    found = json.loads(command(*predict, "--rate", "2x", "--json").out)
    assert found["load"] is None
    assert found["alone"].startswith("50 calls say too little of when calls come")
    assert command("trace", "predict", "traces", "--rate", "2x").code == 4


def test_two_releases_end_well_unless_a_gate_is_asked_for(command: Callable[..., Ended]) -> None:
    """A comparison that nobody drew decides nothing by itself."""
    command("trace", "import", write("a.otlp"), "old")
    command("trace", "import", write("b.otlp", 110.0), "new")
    ended = command("trace", "compare", "old", "new")
    assert (ended.code, "observational" in ended.out) == (0, True)
    gated = command("trace", "compare", "old", "new", "--gate", "--statistic", "p50", "--json")
    assert gated.code == 1
    assert json.loads(gated.out)["estimates"][1]["verdict"] == "BELOW"


def test_a_bad_file_is_an_error_in_one_line(command: Callable[..., Ended]) -> None:
    """With its place, and no traceback."""
    Path("bad.jsonl").write_text('{"resourceSpans": [', encoding="utf-8")
    ended = command("trace", "import", "bad.jsonl", "traces")
    assert ended.code == 4
    assert ended.err.startswith("error: bad.jsonl: line 1: is no JSON, or is cut")


def test_a_run_is_exported_under_its_own_name(command: Callable[..., Ended]) -> None:
    """In the format that is asked for."""
    ended = command("trace", "export", RUN, "--format", "chrome", "--slowest", "2")
    assert ended.out == "plan.trace.json: 2 requests\n"
    assert len(json.loads(Path("plan.trace.json").read_text(encoding="utf-8"))["traceEvents"]) > 10
