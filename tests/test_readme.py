"""The README: what it tells people to copy works."""

import ast
import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from hhperf.cli.main import app
from hhperf.forecast.map_file import read_map
from hhperf.show.map_words import map_sentences
from hhperf.stack.stack import Stack
from hhperf.workload.shipped import data_dir

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND: Any = typer.main.get_command(app)


def blocks(language: str) -> list[str]:
    """The code blocks in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Every `hhperf …` line of a shell or workflow block, without comments."""
    lines = [line for block in (*blocks("sh"), *blocks("yaml")) for line in block.splitlines()]
    found = (re.search(r"(?:^|run: )(hhperf .*)", line) for line in lines)
    return [match[1].split("  #")[0] for match in found if match]


@pytest.fixture
def environment(stack: Stack) -> dict[str, str]:
    """That of a user with the small corpus, which the running stack has."""
    return {**os.environ, "HHPERF_CANDIDATES": "2000"}


NEXT = "=== next"
EACH = f"""
import sys
for script in sys.argv[1:]:
    exec(compile(script, "README.md", "exec"), {{"__name__": "__main__"}})
    print({NEXT!r})
"""


def is_script(snippet: str) -> bool:
    """Whether it runs outside a notebook."""
    try:
        ast.parse(snippet)
        compile(snippet, "README.md", "exec")
    except SyntaxError:
        return False
    return True


def test_snippets_run_as_scripts(environment: dict[str, str], tmp_path: Path) -> None:
    """From an empty folder, in one process each after the other."""
    scripts = [each for each in blocks("python") if is_script(each)]
    assert len(scripts) >= 4
    done = subprocess.run(
        [sys.executable, "-c", EACH, *scripts],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(NEXT) == len(scripts)
    assert all(part.strip() for part in done.stdout.split(NEXT)[:-1])


def test_snippets_run_as_cells(environment: dict[str, str], tmp_path: Path) -> None:
    """Those with `await` in them, each from the top."""
    cells = [each for each in blocks("python") if not is_script(each)]
    assert cells
    notebook = new_notebook(  # type: ignore[no-untyped-call]
        cells=[new_code_cell(each) for each in cells]  # type: ignore[no-untyped-call]
    )
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute(env=environment)
    assert all(cell["outputs"] for cell in notebook.cells)


@pytest.mark.parametrize("line", commands())
def test_a_command_has_the_options_that_are_shown(line: str) -> None:
    """The line is read as the program reads it, without being carried out."""
    _, name, *arguments = shlex.split(line)
    command = COMMAND.commands[name]
    if hasattr(command, "commands"):
        command, arguments = command.commands[arguments[0]], arguments[1:]
    command.make_context(name, [each.replace("$NUMBER", "1") for each in arguments])


def test_the_commands_table_names_every_command() -> None:
    """None is missing, and none that there is not."""
    table = README[README.index("### Commands") : README.index("### Arms")]
    assert set(re.findall(r"^\| `hhperf ([\w-]+)", table, re.MULTILINE)) == set(COMMAND.commands)


def test_the_map_says_what_is_quoted_of_it() -> None:
    """Word for word, of the map that is shipped."""
    found = read_map(data_dir() / "map")
    assert found is not None
    said = " ".join(README.split())
    assert [each for each in map_sentences(found) if each not in said] == []


def test_the_workflow_is_one() -> None:
    """It gates pull requests, and its last step is the gate."""
    [workflow] = [yaml.safe_load(block) for block in blocks("yaml")]
    steps = workflow["jobs"]["saving"]["steps"]
    assert workflow[True] == "pull_request"  # YAML reads the key `on` as true
    assert "hhperf gate" in steps[-1]["run"]


def test_every_link_within_the_repository_leads_somewhere() -> None:
    """Files and headings."""
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert [each for each in targets if not (ROOT / each).exists()] == []


def test_headings_go_down_one_level_at_a_time() -> None:
    """So that the page has an outline."""
    text = re.sub(r"^```.*?^```", "", README, flags=re.MULTILINE | re.DOTALL)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert all(below - above <= 1 for above, below in pairwise(levels))
