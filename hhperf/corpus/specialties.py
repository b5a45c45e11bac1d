"""The specialty taxonomy: the terms that name a specialty, in Portuguese and English.

It is the kit's own, shipped as `data/taxonomy.tsv`.
"""

import csv
from dataclasses import dataclass
from functools import cache

from hhperf.data import data_file


@dataclass(frozen=True, slots=True)
class SpecialtyTerm:
    """One row of the taxonomy.

    Attributes:
        specialty: what the term names, such as "backend" or "nursing".
        lang: "pt", "en", or "mul" for a term of both.
        term: 1 to 5 words as `hhperf.search.terms.terms_of` spells them: lower-case, no accents.
            No term has two rows.
        weight: how surely the term names the specialty: 1.0 a job title, 0.9 the field, 0.6 a broad
            word ("software engineer"), 0.4 a skill.
    """

    specialty: str
    lang: str
    term: str
    weight: float


@cache
def load_taxonomy() -> tuple[SpecialtyTerm, ...]:
    """Read the shipped taxonomy, in the file's order.

    Raises:
        StackError: the file is missing.
    """
    with data_file("taxonomy.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(
            SpecialtyTerm(row["specialty"], row["lang"], row["term"], float(row["weight"]))
            for row in rows
        )
