"""How profiles are worded, in Portuguese and English."""

import re
from collections.abc import Iterable, Mapping

from hhperf.workload.corpus.vocabulary import Language

_ENDINGS = re.compile(r"\{(\w*)/(\w*)\}")


def inflect(text: str, *, feminine: bool) -> str:
    """Choose between the endings in braces: "Engenheir{o/a}" is "Engenheiro" or "Engenheira"."""
    return _ENDINGS.sub(r"\2" if feminine else r"\1", text)


def ordinals(skills: Iterable[str]) -> dict[str, str]:
    """The first skills, by the places that patterns have for them."""
    return dict(zip(("first", "second", "third", "fourth"), skills, strict=False))


TITLES: Mapping[Language, Mapping[str, tuple[str, ...]]] = {
    "pt": {
        "junior": ("{title} Júnior", "{title} Jr"),
        "mid": ("{title}", "{title} Pleno"),
        "senior": ("{title} Sênior", "{title} Sênior", "{title}"),
        "lead": ("{title} Especialista", "Líder de {label}", "{title} Líder"),
        "manager": ("Gerente de {label}", "Coordenador{/a} de {label}"),
        "director": ("Diretor{/a} de {label}", "Head de {label}"),
        "executive": ("Vice-Presidente de {label}", "Diretor{/a} Executiv{o/a} de {label}"),
    },
    "en": {
        "junior": ("Junior {title}", "Associate {title}"),
        "mid": ("{title}",),
        "senior": ("Senior {title}", "Senior {title}", "{title}"),
        "lead": ("Lead {title}", "Principal {title}", "Staff {title}"),
        "manager": ("{label} Manager", "{label} Team Manager"),
        "director": ("Director of {label}", "Head of {label}"),
        "executive": ("VP of {label}", "Vice President of {label}"),
    },
}
"""Titles by language and seniority, around a base title and the field's label."""

HEADLINES: Mapping[Language, tuple[str, ...]] = {
    "pt": (
        "{title} | {first} | {second} | {third}",
        "{title} em {city} | {first}, {second} e {third}",
        "{title} com experiência em {first} e {second}",
        "{title} | {first} | {second} | {city}",
        "Especialista em {first} e {second} | {industry}",
        "Apaixonad{o/a} por {label} | {first} | {second}",
        "{label} | {first}, {second}, {third} | {city}",
        "{title}: {first}, {second}, {third}, {fourth}",
    ),
    "en": (
        "{title} | {first} | {second} | {third}",
        "{title} in {city} | {first}, {second} and {third}",
        "{title} with experience in {first} and {second}",
        "{title} | {first} | {second} | {city}",
        "{first} and {second} specialist | {industry}",
        "Passionate about {label} | {first} | {second}",
        "{label} | {first}, {second}, {third} | {city}",
        "{title}: {first}, {second}, {third}, {fourth}",
    ),
}

SUMMARIES: Mapping[Language, tuple[str, ...]] = {
    "pt": (
        "Profissional de {label} com atuação em {industry}, {first} e {second}. "
        "Busco projetos desafiadores em {city}.",
        "Atuo com {first}, {second} e {third} em empresas de {industry}. "
        "Gosto de trabalhar em equipe e de resolver problemas de {label}.",
        "Trajetória em {label}, com resultados em {industry}. Domínio de {first} e {fourth}.",
        "Experiência prática com {first} e {third}; participei de projetos de {industry} "
        "do planejamento à entrega.",
    ),
    "en": (
        "{label} professional in {industry}, working with {first} and {second}. "
        "Looking for new challenges in {city}.",
        "I work with {first}, {second} and {third} at {industry} companies "
        "and enjoy solving {label} problems in a team.",
        "A career in {label} with results in {industry}. Strong in {first} and {fourth}.",
        "Hands-on experience with {first} and {third}; took {industry} projects "
        "from planning to delivery.",
    ),
}

TEXTS: Mapping[Language, str] = {
    "pt": "{title}. {headline}. Área: {label}. Competências: {skills}. Setores: {industries}. "
    "Local: {location}. {summary}",
    "en": "{title}. {headline}. Field: {label}. Skills: {skills}. Industries: {industries}. "
    "Location: {location}. {summary}",
}
"""The profile as one text."""
