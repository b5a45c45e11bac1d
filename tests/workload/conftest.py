"""What the tests of query logs share."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Write = Callable[..., Path]


@pytest.fixture
def line() -> Callable[..., dict[str, Any]]:
    """Make a good record, with some fields changed; None takes a field away."""

    def make(**changes: Any) -> dict[str, Any]:
        good = {"offset_s": 0.5, "tenant": "t", "body": {"query": "python"}}
        return {key: value for key, value in (good | changes).items() if value is not None}

    return make


@pytest.fixture
def jsonl(tmp_path: Path) -> Write:
    """Write records as a JSONL file; texts are written as they are."""

    def write(*records: Any, name: str = "log.jsonl") -> Path:
        lines = [each if isinstance(each, str) else json.dumps(each) for each in records]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
