"""Values that nobody should give, files that nobody should have, and what has to come of them.

Whatever is given, the answer is a result or an `HhperfError`, and a command ends with a code that
says so: anything else is a fault. `tests/test_hostile.py` tries a few dozen of each kind,
`python -m tests.benchmarks.runs.fuzz` as many as are asked for.
"""

import gzip
import io
import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

from hhperf.cli.exits import ExitCode
from hhperf.cli.main import main
from hhperf.errors import HhperfError, StackError

LONGEST_S = 120
"""A case that takes longer is taken for a hang; the slowest take a second."""

UNEXPECTED = "unexpected: a fault of hhperf"
STARTED = "nothing is started here"
VERDICTS_AND_BAD_INPUT = range(5)

NUMBERS = [
    "nan", "inf", "-inf", "1e308", "-1e308", "1e-320", "-1", "0", "-0.0", "0.5", "1", "2", "1e20",
    "100000000000000000000", "0x10", "1_000", "١", "1,5",
]  # fmt: skip
WORDS = ["", " ", "\t", "é", "𝔘", "\udcff", "-", "--", "=", ",", "..", "/", "*", "None", "x" * 300]
hostile_words = st.sampled_from([*NUMBERS, *WORDS]) | st.text(max_size=12).filter(
    lambda text: "\0" not in text
)
"""What a command line can hold: no shell can give a NUL."""

hostile_json: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([-5, -1, 2**31, 2**63, 2**64, 10**400, 1e308, "nan", "", "\0", "é", "𝔘"])
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of input.

    Attributes:
        cases: of it.
        take: gives one to the code, in an empty folder, and says what came of it; raises nothing
            but an `HhperfError`.
    """

    cases: st.SearchStrategy[Any]
    take: Callable[[Any, Path], str]


def try_case(kind: Kind, case: Any, folder: Path) -> str:
    """What came of a case: what it says itself, or the name of the error that says what is wrong.

    Raises:
        Exception: whatever is a fault, a hang (TimeoutError) among it.
    """
    with within(LONGEST_S):
        try:
            return kind.take(case, folder)
        except HhperfError as error:
            if not str(error).strip():
                raise AssertionError("an error that says nothing") from error
            return type(error).__name__


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in the midst of what takes longer."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"no end within {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run_command(arguments: list[str]) -> tuple[int, str]:
    """The exit code of `hhperf` and what it told; no stack, kernel or process starts."""
    said, numbers = io.StringIO(), (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    refused = StackError(STARTED)
    try:
        with (
            patch.object(sys, "argv", ["hhperf", *arguments]),
            patch("hhperf.stack.stack.Stack.__enter__", side_effect=refused),
            patch("hhperf.cli.restarting.ended", return_value=int(ExitCode.BAD_INPUT)),
            patch("nbclient.NotebookClient.execute", side_effect=refused),  # it starts a kernel
            redirect_stdout(said),
            redirect_stderr(said),
        ):
            main()
    except SystemExit as ended:
        return int(ended.code or 0), said.getvalue()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    raise AssertionError("the command did not end itself")


def take_command(arguments: list[str], _folder: Path) -> str:
    """A command ends with a verdict, with bad input, or where the stack would start."""
    code, said = run_command(arguments)
    told = " ".join(said.split())
    assert UNEXPECTED not in told, f"hhperf {arguments}: {told}"
    assert "Traceback" not in told, f"hhperf {arguments}: {told}"
    assert code in VERDICTS_AND_BAD_INPUT or STARTED in told, f"{arguments}: {code}, {told}"
    return f"exit {code}"


@st.composite
def bitten(draw: st.DrawFn, sound: bytes) -> bytes:
    """Sound bytes of which a piece was cut, doubled or replaced, one to three times."""
    found = sound
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, max(len(found) - 1, 0)))
        length = draw(st.integers(0, 12))
        piece = draw(st.binary(max_size=6) | st.sampled_from(PIECES))
        found = found[:start] + piece + found[start + length :]
    return found


PIECES = [word.encode(errors="surrogateescape") for word in [*NUMBERS, *WORDS]] + [
    b"\0", b"\n", b"\r\n", b'"', b"'", b"{", b"[", b"\xef\xbb\xbf", b"\xff", b"null", b"[" * 5_000,
]  # fmt: skip


@st.composite
def altered(draw: st.DrawFn, sound: Any) -> Any:
    """Sound JSON in which one value or key is another, is missing, or is new."""
    found = json.loads(json.dumps(sound))
    holder, key = draw(st.sampled_from(list(_places(found))))
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            holder[key] = draw(hostile_json)
        case "remove":
            del holder[key]
        case _ if isinstance(holder, dict):
            holder[draw(st.text(max_size=6))] = draw(hostile_json)
        case _:
            holder.append(draw(hostile_json))
    return found


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list) and value[key]:
            yield from _places(value[key])


def zipped(content: bytes, name: str) -> bytes:
    """As the file's ending has it."""
    return gzip.compress(content) if name.endswith(".gz") else content
