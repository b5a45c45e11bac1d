"""What a report on the pins means."""

from typing import Any

import pytest

from tests.audit import NOT_KNOWN, VULNERABLE, said_of

SOUND = {"name": "one", "version": "1.0", "vulns": []}
ILL = {"name": "two", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "three", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("pins", "code", "words"),
    [
        ([SOUND], 0, "None of 1 pins"),
        ([SOUND, ILL], VULNERABLE, "two 2.0: CVE-1, mended in 2.1"),
        ([SOUND, SKIPPED], NOT_KNOWN, "1 of 2 pins could not be looked up"),
        ([ILL, SKIPPED], NOT_KNOWN, "CVE-1"),
    ],
    ids=["sound", "vulnerable", "unknown", "both"],
)
def test_a_pin_that_was_not_looked_up_is_not_sound(
    pins: list[dict[str, Any]], code: int, words: str
) -> None:
    """Nor is one with a known vulnerability; each has an exit code."""
    said, found = said_of({"dependencies": pins})
    assert found == code
    assert words in said
