"""Job descriptions: the long texts that recruiters paste into a search."""

from collections.abc import Mapping, Sequence

from hhperf.workload.corpus.draw import Draw, zipf
from hhperf.workload.corpus.phrases import ordinals
from hhperf.workload.corpus.vocabulary import Language
from hhperf.workload.queries import Vacancy

_INTRODUCTIONS: Mapping[Language, Sequence[str]] = {
    "pt": (
        "Somos uma empresa do setor de {industry} em crescimento e buscamos {title} para "
        "fortalecer nossa área de {label} em {city}.",
        "Nosso time de {label} está contratando {title}. Atuamos em {industry} e valorizamos "
        "autonomia, colaboração e aprendizado contínuo.",
        "Vaga: {title} ({city}). Empresa líder em {industry} procura profissional para liderar "
        "entregas de {label} com foco em resultado.",
    ),
    "en": (
        "We are a growing company in {industry} and we are looking for a {title} to strengthen "
        "our {label} team in {city}.",
        "Our {label} team is hiring a {title}. We work in {industry} and value ownership, "
        "collaboration and continuous learning.",
        "Position: {title} ({city}). A leading company in {industry} seeks a professional to "
        "drive {label} with a focus on results.",
    ),
}

_DUTIES: Mapping[Language, Sequence[str]] = {
    "pt": (
        "Planejar e executar as atividades de {label} do início ao fim",
        "Trabalhar no dia a dia com {first} e {second}",
        "Garantir a qualidade das entregas e o cumprimento dos prazos",
        "Apoiar a evolução técnica do time com boas práticas em {third}",
        "Acompanhar indicadores e propor melhorias de processo",
        "Atuar em conjunto com as áreas de negócio e com clientes internos",
        "Documentar processos, decisões e aprendizados",
        "Identificar riscos e antecipar problemas",
        "Participar de reuniões de planejamento e de retrospectivas",
        "Orientar profissionais menos experientes",
        "Apresentar resultados à liderança de {industry}",
        "Pesquisar novas tecnologias e ferramentas, em especial {fourth}",
    ),
    "en": (
        "Plan and carry out {label} work from start to finish",
        "Work daily with {first} and {second}",
        "Ensure the quality of what we deliver and that deadlines are met",
        "Help the team to grow with good practices in {third}",
        "Follow indicators and propose process improvements",
        "Work closely with business areas and internal customers",
        "Document processes, decisions and lessons learned",
        "Identify risks and anticipate problems",
        "Take part in planning meetings and retrospectives",
        "Mentor less experienced colleagues",
        "Present results to the leadership in {industry}",
        "Research new technologies and tools, {fourth} in particular",
    ),
}

_NEEDS: Mapping[Language, str] = {
    "pt": "Experiência comprovada em {skill}",
    "en": "Proven experience with {skill}",
}

_EXTRAS: Mapping[Language, Sequence[str]] = {
    "pt": (
        "Pelo menos {years} anos de experiência na função",
        "Ensino superior completo ou em andamento",
        "Inglês intermediário ou avançado",
        "Boa comunicação e trabalho em equipe",
        "Disponibilidade para atuar em {city}",
        "Vivência em empresas de {industry}",
    ),
    "en": (
        "At least {years} years of experience in the role",
        "A degree, completed or in progress",
        "Fluent English; Portuguese is an advantage",
        "Good communication and teamwork",
        "Willing to work in {city}",
        "A background in {industry}",
    ),
}

_BENEFITS: Mapping[Language, Sequence[str]] = {
    "pt": (
        "Vale-refeição e vale-alimentação",
        "Plano de saúde e odontológico",
        "Modelo de trabalho híbrido",
        "Participação nos lucros e resultados",
        "Auxílio home office",
        "Incentivo a cursos e certificações",
        "Horário flexível",
        "Seguro de vida",
    ),
    "en": (
        "Meal allowance",
        "Health and dental insurance",
        "Hybrid work",
        "Profit sharing",
        "Home office allowance",
        "Courses and certifications",
        "Flexible hours",
        "Life insurance",
    ),
}

_HEADINGS: Mapping[Language, tuple[str, str, str, str]] = {
    "pt": ("Responsabilidades", "Requisitos", "Diferenciais", "Benefícios"),
    "en": ("Responsibilities", "Requirements", "Nice to have", "Benefits"),
}


def job_description(vacancy: Vacancy, draw: Draw) -> str:
    """A text of about 700 to 1,500 characters with the vacancy's title, skills and place."""
    language = vacancy.language
    duties, needs, extras, benefits = _HEADINGS[language]
    musts, others = vacancy.skills[:-1], vacancy.skills[-1:]
    parts = [
        draw.pick(_INTRODUCTIONS[language]),
        _listed(duties, _some(_DUTIES[language], draw, 5, 10)),
        _listed(needs, [_NEEDS[language].replace("{skill}", skill) for skill in musts]),
        _listed(extras, [*others, *_some(_EXTRAS[language], draw, 2, 5)]),
        _listed(benefits, _some(_BENEFITS[language], draw, 3, 7)),
    ]
    return "\n\n".join(parts).format_map(_words(vacancy))


def _words(vacancy: Vacancy) -> dict[str, str]:
    return ordinals(vacancy.skills) | {
        "title": vacancy.titles[0],
        "label": vacancy.desk.label[vacancy.language],
        "city": vacancy.place.city,
        "industry": vacancy.industry,
        "years": str(max(vacancy.min_years, 1)),
    }


def _some(lines: Sequence[str], draw: Draw, fewest: int, most: int) -> list[str]:
    """Some of the lines, in their own order."""
    kept = set(draw.sample(lines, draw.integer(fewest, most), zipf(len(lines), 0.0)))
    return [line for line in lines if line in kept]


def _listed(heading: str, lines: Sequence[str]) -> str:
    return "\n".join([f"{heading}:", *(f"- {line}" for line in lines)])
