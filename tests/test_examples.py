"""The examples in the docstrings of public names: each is there, and each is true."""

import ast
import doctest
import inspect
import re
from operator import attrgetter
from pathlib import Path

import pytest

import hhperf

PUBLIC = re.compile(r"hhperf(\.\w+)+")
ACCESS = '127.0.0.1 - - [01/Nov/2026:10:00:00 +0000] "GET /v1/search?q=java HTTP/1.1" 200 12\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What examples find where they run: imported traces, and a log of another kind."""
    found = tmp_path_factory.mktemp("examples")
    file = hhperf.data_dir() / "traces" / "sequential.otlp.gz"
    hhperf.import_traces([file], found / "traces", keep=["session.id"])
    (found / "access.log").write_text(ACCESS, encoding="utf-8")
    return found


@pytest.mark.parametrize("name", hhperf.__all__)
def test_an_example_gives_what_it_says(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run as it stands, but for what needs a stack or takes long, which is marked."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("HHPERF_PROFILE", raising=False)
    test = doctest.DocTest(examples(name), {"hhperf": hhperf}, name, None, None, None)
    assert test.examples
    told: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    assert not told, "".join(told)


@pytest.mark.parametrize("name", hhperf.__all__)
def test_what_is_not_run_could_be(name: str) -> None:
    """It is Python, and each call of a public name fits the name's arguments."""
    for example in examples(name):
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        check_calls(compile(example.source, name, "exec", flags))


def test_an_argument_that_is_none_is_found() -> None:
    """The check of what is not run can fail."""
    with pytest.raises(TypeError, match="made"):
        check_calls(ast.parse("with hhperf.Stack() as stack:\n    hhperf.price_of(1, made=2)"))


def examples(name: str) -> list[doctest.Example]:
    """Those in the docstring of a public name."""
    return doctest.DocTestParser().get_examples(inspect.getdoc(getattr(hhperf, name)) or "")


def check_calls(tree: ast.AST) -> None:
    """Bind what is given in every call of a name of the facade."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and PUBLIC.fullmatch(ast.unparse(node.func)):
            called = attrgetter(ast.unparse(node.func).removeprefix("hhperf."))(hhperf)
            given = {each.arg: None for each in node.keywords if each.arg}
            inspect.signature(called).bind(*node.args, **given)
