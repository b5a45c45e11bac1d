"""The country that a job description is about. Pure.

The deployed service makes it the filter of a request that asks for no country. It tells two of
them: by what follows words such as "based in", else by any mention of the country or of one of its
large cities. Which cities it knows is not known here: these are cities of about half a million
people or more (IBGE's census of 2022, the United States' of 2020), without those whose name is a
word or better known for something else (Natal, Serra, Phoenix, Portland).
"""

import re
import unicodedata
from collections.abc import Mapping

PLACES: Mapping[str, tuple[str, ...]] = {
    "Brazil": (
        "brazil", "brasil", "sao paulo", "rio de janeiro", "brasilia", "fortaleza",
        "(?<!el )salvador", "belo horizonte", "manaus", "curitiba", "recife", "goiania", "belem",
        "porto alegre", "guarulhos", "campinas", "sao luis", "maceio", "campo grande", "teresina",
        "joao pessoa", "sao bernardo do campo", "santo andre", "osasco", "sorocaba", "uberlandia",
        "ribeirao preto", "sao jose dos campos", "cuiaba", "joinville", "feira de santana",
        "aracaju", "londrina", "juiz de fora", "florianopolis",
    ),
    "United States": (
        "united states", "estados unidos", "new york", "los angeles", "chicago", "houston",
        "philadelphia", "san antonio", "san diego", "dallas", "jacksonville", "austin",
        "fort worth", "san francisco", "seattle", "denver", "boston", "nashville", "las vegas",
        "detroit", "atlanta", "miami",
    ),
}  # fmt: skip
"""By country, as profiles name it: its names and its cities, in lower case and without accents."""

_ABBREVIATED = re.compile(r"\b(?:USA|EUA|U\.S\.A?)(?!\w)")
"""Capitals alone: `usa` is a Portuguese verb."""

_SITUATED = r"\b(?:based in|located in|position in|role in|office in|location:)\s*(?:the )?"


def country_in(text: str) -> str | None:
    """The country of a job description: where it says it is, else what it mentions.

    Brazil comes first where both are mentioned. None where there is neither.
    """
    plain = _plain(_ABBREVIATED.sub("United States", text))
    for patterns in (_SITUATED_IN, _MENTIONED):
        for country, pattern in patterns.items():
            if pattern.search(plain):
                return country
    return None


def _plain(text: str) -> str:
    """The text in lower case, without accents."""
    split = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in split if not unicodedata.combining(char))


def _patterns(before: str) -> dict[str, re.Pattern[str]]:
    return {
        country: re.compile(rf"{before}(?:{'|'.join(names)})\b")
        for country, names in PLACES.items()
    }


_SITUATED_IN, _MENTIONED = _patterns(_SITUATED), _patterns(r"\b")
