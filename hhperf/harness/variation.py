"""A field that is varied, so that a deployment's result cache knows no answer: its key changes.

The field must be part of that key and must not change the answer: `jdHash`, a caller's own hash of
the job description, is one where the service has it. Whether it is the right one shows in the run:
by the hits that were seen, and by the results, which must be the same in all arms.
"""

import re
from collections.abc import Mapping
from copy import copy
from hashlib import blake2b
from itertools import count
from typing import Self
from uuid import uuid4

from hhperf.errors import SettingsError
from hhperf.harness.target import Request, asks_for

TOKEN_CHARS = 32
"""Hexadecimal digits of a value: what `jdHash` may be (8 to 64 characters), and a header too."""

HEADER = "header:"
CHANGE_THE_ANSWER = frozenset(
    {"query", "jobDescription", "embedding", "filters", "limit", "offset", "roleType"}
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def check_field(field: str) -> None:
    """Make sure that a field can be varied.

    Args:
        field: of the body, such as `jdHash`; or `header:` and a header's name.

    Raises:
        SettingsError: it is no name, or known to change the answer.
    """
    if not _NAME.fullmatch(field.removeprefix(HEADER)):
        raise SettingsError(f"vary {field!r}: give a field of the body, or header:NAME")
    if field in CHANGE_THE_ANSWER:
        raise SettingsError(f"vary {field!r}: changes the answer; give a field that does not")


class Variation:
    """The values of a varied field for one arm.

    Each request gets a value that no other has had, in this run or in one before. Where the caches
    are to do as they do in production (`repeats`), equal requests get equal values instead, and
    each arm has values of its own: it meets the hits that the log's repetitions make, and neither
    measurement of the control meets what the other has left. Both then hit as often, and can be
    compared. Another request in place of the second measurement would need no field, but put
    answers into the control's cache that the treatment's never gets.

    Args:
        field: as for `check_field`.
        space: of the arm's values, the same in every process that sends for it.
        repeats: whether equal requests get equal values.
    """

    def __init__(self, field: str, space: str, *, repeats: bool = False) -> None:
        check_field(field)
        self.repeats = repeats
        self.placeholder = uuid4().hex
        """Stands for the value in a request that is written once and sent several times."""
        self._field = field
        self._space = space
        self._own = uuid4().hex[: TOKEN_CHARS // 2]
        self._sent = count()

    def without_repeats(self) -> Self:
        """The same field and placeholder, with a new value for each request."""
        other = copy(self)
        other.repeats = False
        return other

    def value(self, request: Request) -> str:
        """The field's value for a request about to be sent."""
        if self.repeats:
            asked = "\0".join((self._space, *asks_for(request)))
            return blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return f"{self._own}{next(self._sent):016x}"

    def headers(self) -> Mapping[str, str]:
        """The header that is varied, its value the placeholder; none where the body is."""
        name = self._field.removeprefix(HEADER)
        return {name: self.placeholder} if self._field.startswith(HEADER) else {}

    def fields(self) -> Mapping[str, str]:
        """The same for the body."""
        return {} if self._field.startswith(HEADER) else {self._field: self.placeholder}
