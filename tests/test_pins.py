"""pyproject.toml, requirements.txt and environment.yml name the same packages."""

import re
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def pinned() -> list[Requirement]:
    """The lines of requirements.txt."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def asked_for() -> list[Requirement]:
    """What pyproject.toml asks for, development included."""
    return [*map(Requirement, project()["dependencies"]), *extra("dev")]


def extra(name: str) -> list[Requirement]:
    """What an extra of pyproject.toml asks for."""
    return [Requirement(each) for each in project()["optional-dependencies"][name]]


def project() -> dict[str, Any]:
    """What pyproject.toml says of the project."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = tomllib.loads(text)["project"]
    return found


def test_every_requirement_is_pinned_within_its_bounds() -> None:
    """What pyproject.toml asks for is pinned, to a version it admits."""
    pins: dict[str, list[str]] = {}
    for pin in pinned():
        pins.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier)[2:])
    for wanted in asked_for():
        versions = pins[canonicalize_name(wanted.name)]
        assert all(wanted.specifier.contains(version) for version in versions), wanted


def test_every_pin_is_exact() -> None:
    """A pin names one version."""
    assert [str(pin) for pin in pinned() if not str(pin.specifier).startswith("==")] == []


def test_no_pin_names_an_address() -> None:
    """Set-up works from any package index."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--extra|--find", text)


def test_conda_users_get_the_same_set() -> None:
    """environment.yml installs the pins and the project, and asks for the same Python."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert re.findall(r"^      - (.+)$", text, re.MULTILINE) == ["-r requirements.txt", "-e ."]
    assert f"- python{project()['requires-python']}" in text
