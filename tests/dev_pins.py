"""Prints the pins of the test tools; `make lowest` adds them to the lowest versions of the rest."""

import sys

from packaging.utils import canonicalize_name

from tests.test_pins import extra, pinned


def main() -> None:
    """One a line, as in requirements.txt."""
    tools = {canonicalize_name(each.name) for each in extra("dev")}
    pins = [str(each) for each in pinned() if canonicalize_name(each.name) in tools]
    sys.stdout.write("\n".join(pins) + "\n")


if __name__ == "__main__":
    main()
