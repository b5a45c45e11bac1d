"""pyproject.toml, requirements.txt and environment.yml name the same packages."""

import re
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def hashes() -> dict[str, list[str]]:
    """What is pinned, each with the hashes of its files."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in text.replace("\\\n", "").splitlines() if not line.startswith("#")]
    found = {}
    for line in filter(None, lines):
        pin, *checked = line.split("--hash=")
        found[pin.strip()] = [each.strip() for each in checked]
    return found


def pinned() -> list[Requirement]:
    """What requirements.txt pins."""
    return [Requirement(pin) for pin in hashes()]


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


def test_every_pin_has_the_hashes_of_its_files() -> None:
    """And whoever installs them checks: an index cannot give another file by that name."""
    checked = hashes()
    assert [pin for pin, found in checked.items() if not found] == []
    assert all(
        re.fullmatch("sha256:[0-9a-f]{64}", each) for pin in checked.values() for each in pin
    )
    assert "--require-hashes --requirement requirements.txt" in (ROOT / "Makefile").read_text()
    assert "--generate-hashes" in (ROOT / "Makefile").read_text()


def test_no_pin_names_an_address() -> None:
    """Set-up works from any package index."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--extra|--find", text)


def test_conda_users_get_the_same_set() -> None:
    """environment.yml installs the pins, and asks for the same Python; a folder has no hash."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert re.findall(r"^      - (.+)$", text, re.MULTILINE) == ["-r requirements.txt"]
    assert f"- python{project()['requires-python']}" in text
