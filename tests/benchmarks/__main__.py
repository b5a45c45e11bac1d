"""Runs every benchmark after the other: `make bench`."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
NOT_BENCHMARKS = {
    "__init__", "__main__", "calibrate", "cases", "neighbour", "prove", "systems", "tools",
}  # fmt: skip


def main() -> None:
    """Run each script in a process of its own, so that none warms anything for the next."""
    for path in sorted(FOLDER.glob("*/*.py")):
        if path.stem in NOT_BENCHMARKS:
            continue
        module = f"tests.benchmarks.{path.parent.name}.{path.stem}"
        sys.stdout.write(f"\n=== {module}\n")
        sys.stdout.flush()
        subprocess.run([sys.executable, "-m", module], check=True)


if __name__ == "__main__":
    main()
