"""What recruiters type into the search box.

Most of it is short: a role, a skill, a role and a skill.
"""

import unicodedata
from collections.abc import Callable, Mapping

from hhperf.corpus.draw import Draw, cumulative, zipf
from hhperf.workload.vacancies import Vacancy


def query(vacancy: Vacancy, draw: Draw) -> str:
    """A query for a vacancy, in one of the ways people write them."""
    return as_typed(draw.weighted(_STYLES, _STYLE_SHARES)(vacancy, draw), draw)


def as_typed(text: str, draw: Draw) -> str:
    """Most people type lower-case letters, some leave the accents out."""
    if draw.chance(0.65):
        text = text.lower()
    return _without_accents(text) if draw.chance(0.08) else text


def _without_accents(text: str) -> str:
    split = unicodedata.normalize("NFKD", text)
    return "".join(char for char in split if not unicodedata.combining(char))


def _role(vacancy: Vacancy, _draw: Draw) -> str:
    return vacancy.titles[0]


def _skill(vacancy: Vacancy, draw: Draw) -> str:
    return " ".join(vacancy.skills[: draw.integer(1, 2)])


def _role_and_skill(vacancy: Vacancy, draw: Draw) -> str:
    return f"{vacancy.titles[0]} {draw.weighted(vacancy.skills, zipf(len(vacancy.skills)))}"


def _role_and_skills(vacancy: Vacancy, draw: Draw) -> str:
    return " ".join([vacancy.titles[0], *vacancy.skills[: draw.integer(2, 3)]])


def _role_and_place(vacancy: Vacancy, _draw: Draw) -> str:
    return f"{vacancy.titles[0]} {vacancy.place.city}"


def _everything(vacancy: Vacancy, draw: Draw) -> str:
    grade = _GRADES[vacancy.language].get(vacancy.seniority, "")
    skills = vacancy.skills[: draw.integer(2, 4)]
    return " ".join([vacancy.titles[0], *grade.split(), *skills, vacancy.place.city])


def _sentence(vacancy: Vacancy, draw: Draw) -> str:
    first, second = vacancy.skills[:2]
    return draw.pick(_SENTENCES[vacancy.language]).format(
        title=vacancy.titles[0], first=first, second=second, city=vacancy.place.city
    )


_GRADES: Mapping[str, Mapping[str, str]] = {
    "pt": {"junior": "Júnior", "mid": "Pleno", "senior": "Sênior", "lead": "Especialista"},
    "en": {"junior": "Junior", "senior": "Senior", "lead": "Lead"},
}
_SENTENCES: Mapping[str, tuple[str, ...]] = {
    "pt": (
        "Procuro {title} com experiência em {first} e {second}",
        "{title} para atuar com {first} em {city}",
        "Preciso de {title} que conheça {first} e {second} em {city}",
    ),
    "en": (
        "Looking for a {title} with experience in {first} and {second}",
        "{title} to work with {first} in {city}",
        "We need a {title} who knows {first} and {second}, based in {city}",
    ),
}
_STYLES: tuple[Callable[[Vacancy, Draw], str], ...] = (
    _role,
    _skill,
    _role_and_skill,
    _role_and_skills,
    _role_and_place,
    _everything,
    _sentence,
)
_STYLE_SHARES = cumulative([26, 16, 26, 10, 8, 7, 7])
