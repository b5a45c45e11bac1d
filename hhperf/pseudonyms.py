"""Pseudonyms: what stands for a word or an identifier, and repeats as it does.

Made by HMAC with SHA-256 (RFC 2104), so that without the key nobody can look up what one stands
for; not even by trying likely words, as with a bare hash.
"""

import hmac
import random
import secrets
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from unicodedata import category

_SHORTEST = 6
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Gives the same pseudonym for the same original, and others for others.

    Attributes:
        key: what they are made with; drawn when it is not given, and never stored. Give the same
            key to all that must stay comparable.
    """

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def name(self, original: str, length: int = 16) -> str:
        """Hexadecimal digits, at most 64."""
        return self._digest(original).hex()[:length]

    def word(self, original: str) -> str:
        """Letters, as many as before if six or more; fewer could not tell words apart."""
        digest, length = self._digest(original), max(len(original), _SHORTEST)
        places = (digest[place % len(digest)] for place in range(length))
        return "".join(_LETTERS[place % len(_LETTERS)] for place in places)

    def text(self, original: str, words: frozenset[str] = frozenset()) -> str:
        """Each word replaced, in any script; blanks and punctuation between them stay.

        Args:
            original: the text.
            words: those that stay, in lower case.
        """
        runs = ((is_word, "".join(run)) for is_word, run in groupby(original, _is_of_word))
        return "".join(
            self.word(run) if is_word and run.lower() not in words else run for is_word, run in runs
        )

    def number(self, original: object) -> int:
        """A whole number of 63 bits."""
        return int.from_bytes(self._digest(repr(original))[:8], "big") >> 1

    def direction(self, original: list[float]) -> list[float]:
        """A vector of unit length and as many numbers, in a direction that tells nothing."""
        rng = random.Random(self._digest(repr(original)))
        drawn = [rng.gauss(0.0, 1.0) for _ in original]
        length = sum(each * each for each in drawn) ** 0.5 or 1.0
        return [each / length for each in drawn]

    def _digest(self, original: str) -> bytes:
        return hmac.digest(self.key, original.encode("utf-8", "surrogatepass"), "sha256")


@cache
def _is_of_word(char: str) -> bool:
    """Letters, marks, digits, underscores, and symbols such as emoji; not what parts words."""
    kind = category(char)
    return kind[0] in "LMN" or kind in ("Pc", "So")
