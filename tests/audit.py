"""Looks the pins up among known vulnerabilities, and lists them as a bill of materials.

`python -m tests.audit PROGRAMS OUT`, which `make audit` calls with an environment that has
pip-audit and cyclonedx-py. Ends with 0 only where every pin was looked up and none is known to be
vulnerable.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PINS = "requirements.txt"
VULNERABLE, NOT_KNOWN = 1, 2


def said_of(report: Mapping[str, Any]) -> tuple[str, int]:
    """What pip-audit's report means, and the exit code for it.

    A pin that it could not look up is none that is sound: it goes on without those, and ends well.
    """
    pins = report["dependencies"]
    skipped = [each for each in pins if "skip_reason" in each]
    found = [
        f"{each['name']} {each['version']}: {problem['id']},"
        f" mended in {', '.join(problem['fix_versions']) or 'no version yet'}"
        for each in pins
        for problem in each.get("vulns", ())
    ]
    if skipped:
        first = skipped[0]
        unknown = (
            f"{len(skipped)} of {len(pins)} pins could not be looked up, so nothing is known of"
            f" them (the first: {first['name']}, {first['skip_reason']}). Run this where the public"
            " service of known vulnerabilities can be reached, and not a mirror of packages alone."
        )
        found.append(unknown)
        return "\n".join(found), NOT_KNOWN
    if found:
        return "\n".join(found), VULNERABLE
    return f"None of {len(pins)} pins is known to be vulnerable.", 0


def main(programs: Path, out: Path) -> int:
    """Write the bill of materials and the report, and say what the report means."""
    out.mkdir(parents=True, exist_ok=True)
    bill, report = out / "bom.cdx.json", out / "vulnerabilities.json"
    subprocess.run(
        [programs / "cyclonedx-py", "requirements", PINS, "--of", "JSON", "-o", bill], check=True
    )
    print(f"Bill of materials (CycloneDX): {bill}")
    report.unlink(missing_ok=True)
    asked = subprocess.run(
        [programs / "pip-audit", "--requirement", PINS, "--require-hashes", "--disable-pip",
         "--progress-spinner", "off", "--format", "json", "--output", report],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if not report.exists():
        last = (asked.stderr.strip() or "it said nothing").splitlines()[-1]
        print(f"No pin could be looked up among known vulnerabilities: {last}", file=sys.stderr)
        return NOT_KNOWN
    said, code = said_of(json.loads(report.read_text(encoding="utf-8")))
    print(said, file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
