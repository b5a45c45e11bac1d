"""Makes query logs: recruiters' sessions of searches, at real arrival times of an online service.

The recordings of arrivals are of one hour (Azure LLM inference dataset 2023, CC BY 4.0; see
`data/README.md`). They are two services and must not be mixed: `conv` is close to a Poisson process
(coefficient of variation of the gaps 1.09, 5.5 requests a second), `code` is very bursty (13.2, 2.6
a second, with one gap of 217 s).
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import heappop, heappush
from itertools import count as counting
from itertools import islice
from typing import Literal, get_args

from hhperf.workload.corpus.candidates import TENANTS, Tenant
from hhperf.workload.corpus.draw import Draw, cumulative, zipf
from hhperf.workload.corpus.vocabulary import load_vocabulary
from hhperf.workload.queries import draw_vacancy
from hhperf.workload.query_log import LoggedRequest, QueryLog
from hhperf.workload.searches import Body, Habits, searches
from hhperf.workload.shipped import data_lines

Stream = Literal["conv", "code"]
STREAMS: tuple[Stream, ...] = get_args(Stream)

_DECIMALS = 6


@cache
def load_arrivals(stream: Stream) -> tuple[float, ...]:
    """All arrival times of one recording, in seconds from its first arrival, ascending.

    Raises:
        StackError: the recording is missing.
        ValueError: there is no such stream.
    """
    if stream not in STREAMS:
        raise ValueError(f"there is no arrival stream {stream!r}; choose from {', '.join(STREAMS)}")
    rows = csv.DictReader(data_lines("arrivals/azure_llm_2023.csv.gz"))
    times = [float(row["t_s"]) for row in rows if row["stream"] == stream]
    return tuple(round(time - times[0], _DECIMALS) for time in times)


def arrival_times(number: int, stream: Stream = "conv", *, start: int = 0) -> tuple[float, ...]:
    """`number` consecutive arrivals, in seconds from the first of them, ascending.

    A recording that ends is continued from its beginning, one mean gap later.

    Args:
        number: how many, 0 or more.
        stream: which recording; they are never mixed.
        start: the index of the first arrival in the recording, which is taken as a ring.

    Raises:
        ValueError: `number` is negative, or there is no such stream.
    """
    if number < 0:
        raise ValueError(f"cannot take {number} arrivals")
    recorded = load_arrivals(stream)
    first = start % len(recorded)
    times = islice(_repeated(recorded), first, first + number)
    return tuple(round(time - recorded[first], _DECIMALS) for time in times)


def _repeated(recorded: Sequence[float]) -> Iterator[float]:
    """The recording end to end, for ever."""
    period = recorded[-1] * len(recorded) / (len(recorded) - 1)
    for turn in counting():
        for time in recorded:
            yield turn * period + time


_LONGEST_SESSION = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a made query log is like.

    Attributes:
        arrivals: the recording that arrival times are taken from.
        zipf_exponent: vacancy of rank r is searched for r ** -exponent as often as the first; 0
            makes all equally popular. Higher means more repeated requests.
        vacancies_per_request: different vacancies there are, as a share of the requests, above 0.
        portuguese: share of vacancies searched for in Portuguese, the others in English.
        job_descriptions: share of vacancies whose job description is sent along.
        blank_queries: share of those that are searched for by job description alone.
        filters: share of vacancies whose first search has filters; later ones may add some.
        next_search: probability that a session goes on after a search; sessions end after 8.
        think_time_s: shortest and longest pause within a session, in seconds.
        tenants: who searches, by share of the sessions.
    """

    arrivals: Stream = "conv"
    zipf_exponent: float = 0.6
    vacancies_per_request: float = 0.5
    portuguese: float = 0.6
    job_descriptions: float = 0.2
    blank_queries: float = 0.35
    filters: float = 0.35
    next_search: float = 0.55
    think_time_s: tuple[float, float] = (4.0, 45.0)
    tenants: tuple[Tenant, ...] = TENANTS

    def __post_init__(self) -> None:
        for name in ("portuguese", "job_descriptions", "blank_queries", "filters", "next_search"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, needs to be from 0 to 1")
        if self.arrivals not in STREAMS:
            raise ValueError(f"arrivals is {self.arrivals!r}, needs to be one of {STREAMS}")
        if not (self.zipf_exponent >= 0 and self.vacancies_per_request > 0):
            raise ValueError("zipf_exponent needs to be 0 or more, vacancies_per_request above 0")
        if not (0 <= self.think_time_s[0] <= self.think_time_s[1] and self.tenants):
            raise ValueError("think_time_s needs to be (shortest, longest), tenants not empty")


def make_query_log(count: int = 2_400, *, seed: int = 0, recipe: Recipe | None = None) -> QueryLog:
    """Make a log of `count` requests; the same arguments give the same log on any machine.

    Requests are asked by people who fit the corpus of `generate_candidates`: titles, skills, places
    and filters are those of its vocabulary.

    Args:
        count: how many requests.
        seed: of all that is drawn.
        recipe: what kinds of requests, how often; the shipped log's when None.

    Raises:
        StackError: shipped vocabulary or arrivals are missing.
        ValueError: `count` is negative.

    Example:
        >>> len(hhperf.make_query_log(20, seed=1))
        20
    """
    recipe = recipe or Recipe()
    start = Draw("arrivals", seed).integer(0, 9_999)
    times = arrival_times(count, recipe.arrivals, start=start)
    requests = _interleaved(times, _sessions(count, seed, recipe))
    return QueryLog(tuple(requests), source=f"made with seed {seed}")


@dataclass(frozen=True, slots=True)
class _Session:
    """A recruiter's searches for one vacancy, and the pauses before all but the first."""

    name: str
    tenant: str
    bodies: tuple[Body, ...]
    pauses_s: tuple[float, ...]


def _sessions(count: int, seed: int, recipe: Recipe) -> Iterator[_Session]:
    """Sessions without end, each with a vacancy drawn by popularity."""
    vacancies = range(max(1, round(count * recipe.vacancies_per_request)))
    popularity = zipf(len(vacancies), recipe.zipf_exponent)
    tenant_shares = cumulative([tenant.share for tenant in recipe.tenants])
    for number in counting(1):
        draw = Draw("session", seed, number)
        length = _length(recipe.next_search, draw)
        yield _Session(
            name=f"s-{number:05d}",
            tenant=draw.weighted(recipe.tenants, tenant_shares).name,
            bodies=_bodies(draw.weighted(vacancies, popularity), seed, recipe)[:length],
            pauses_s=tuple(_pause(recipe.think_time_s, draw) for _ in range(length - 1)),
        )


@lru_cache(maxsize=4_096)
def _bodies(vacancy: int, seed: int, recipe: Recipe) -> tuple[Body, ...]:
    """Everything that is ever asked for a vacancy; who stops early repeats the first of it."""
    draw = Draw("vacancy", seed, vacancy)
    habits = Habits(recipe.job_descriptions, recipe.blank_queries, recipe.filters)
    drawn = draw_vacancy(load_vocabulary(), draw, portuguese=recipe.portuguese)
    return tuple(islice(searches(drawn, habits, draw), _LONGEST_SESSION))


def _length(next_search: float, draw: Draw) -> int:
    length = 1
    while length < _LONGEST_SESSION and draw.chance(next_search):
        length += 1
    return length


def _pause(think_time_s: tuple[float, float], draw: Draw) -> float:
    shortest, longest = think_time_s
    return shortest + draw.uniform() * (longest - shortest)


def _interleaved(times: Sequence[float], sessions: Iterator[_Session]) -> Iterator[LoggedRequest]:
    """Give each arrival to the session that has waited longest since it was ready, or to a new one.

    Arrival times stay exactly as recorded; sessions overlap as they must to fill them.
    """
    waiting: list[tuple[float, int, int, _Session]] = []
    for number, time in enumerate(times, start=1):
        if waiting and waiting[0][0] <= time:
            _, _, turn, session = heappop(waiting)
        else:
            turn, session = 0, next(sessions)
        body = session.bodies[turn]
        yield LoggedRequest(f"q-{number:06d}", time, session.tenant, session.name, body)
        if turn < len(session.pauses_s):
            heappush(waiting, (time + session.pauses_s[turn], number, turn + 1, session))
