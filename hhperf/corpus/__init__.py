"""Who is searched: seeded, streamed candidate profiles made from real vocabulary."""

from hhperf.corpus.profiles import CandidateRow, generate_candidates
from hhperf.corpus.specialties import load_taxonomy

__all__ = ["CandidateRow", "generate_candidates", "load_taxonomy"]
