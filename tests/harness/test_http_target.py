"""The HTTP target against real sockets."""

import asyncio
import json
from pathlib import Path

import pytest

from hhperf.errors import SettingsError, TargetError
from hhperf.harness.alarm import new_fast_loop
from hhperf.harness.http_client import HttpResponse
from hhperf.harness.http_reply import read_reply
from hhperf.harness.http_target import HttpTarget, headers_from_environment, http_targets
from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.harness.stage_table import StageTable
from hhperf.harness.target import Reply
from hhperf.harness.variation import Variation
from hhperf.runs.observation import Arm, CacheLayer, Outcome
from tests.certificates import serving_context
from tests.harness.conftest import Logged, make_log
from tests.harness.http_server import CLOSE, Asked, Respond, answer_nothing, json_answer, serving

REQUEST = Logged("r1", "acme", None, {"query": "João", "limit": 5})


async def ask(respond: Respond, times: int = 1) -> list[Reply]:
    """Send the request, one after the other, to a server that answers so."""
    async with serving(respond) as served:
        target = HttpTarget(f"http://127.0.0.1:{served.port}")
        await target.open()
        try:
            return [await target.send(REQUEST) for _ in range(times)]
        finally:
            await target.close()


async def test_the_request_is_the_logged_one() -> None:
    """Its body as JSON, tenant and id as headers, on production's path."""
    async with serving() as served:
        target = HttpTarget(f"http://127.0.0.1:{served.port}", headers={"X-Api-Key": "k-123"})
        await target.open()
        await target.send(REQUEST)
        await target.close()
    [asked] = served.asked
    assert asked.line == "POST /v1/search/hybrid HTTP/1.1"
    assert json.loads(asked.body) == {"query": "João", "limit": 5}
    assert (asked.headers["x-tenant-id"], asked.headers["x-request-id"]) == ("acme", "r1")
    assert (asked.headers["x-api-key"], asked.headers["content-type"]) == (
        "k-123", "application/json",
    )  # fmt: skip


async def test_a_method_without_a_body_has_a_query() -> None:
    """The body's plain fields, beside what the URL says."""
    async with serving() as served:
        target = HttpTarget(f"http://127.0.0.1:{served.port}/find?v=2", method="get")
        await target.open()
        await target.send(REQUEST)
        await target.close()
    assert served.asked[0].line == "GET /find?v=2&query=Jo%C3%A3o&limit=5 HTTP/1.1"
    assert served.asked[0].body == b""


async def test_connections_are_kept() -> None:
    """One after the other, requests take the same one."""
    async with serving() as served:
        target = HttpTarget(f"http://127.0.0.1:{served.port}")
        await target.open()
        for _ in range(3):
            await target.send(REQUEST)
        await target.close()
    assert {asked.connection for asked in served.asked} == {0}


def test_the_fast_event_loop_does_as_well() -> None:
    """The one that scripts use."""
    with asyncio.Runner(loop_factory=new_fast_loop) as runner:
        replies = runner.run(ask(answer_nothing, times=2))
    assert [reply.spans for reply in replies] == [(), ()]


async def test_a_busy_connection_delays_no_request() -> None:
    """Requests at the same time have connections of their own."""
    all_here = asyncio.Barrier(5)

    async def together(asked: Asked) -> bytes:
        await all_here.wait()
        return json_answer("{}")

    async with serving(together) as served:
        target = HttpTarget(f"http://127.0.0.1:{served.port}")
        await target.open()
        replies = await asyncio.gather(*(target.send(REQUEST) for _ in range(5)))
        await target.close()
    assert served.connections == 5
    assert sum(reply.spans[:1] != () for reply in replies) == 4
    assert {span.stage for reply in replies for span in reply.spans} == {"connect"}


async def test_an_idle_connection_that_the_server_closed_is_replaced() -> None:
    """The request is sent again; it never reached the service."""

    async def once(asked: Asked) -> bytes:
        return json_answer("{}") + CLOSE

    replies = await ask(once, times=3)
    assert len(replies) == 3


@pytest.mark.parametrize(
    "answer",
    [
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{"\r\n5\r\na":1}\r\n0\r\n\r\n',
        b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"total":1}' + CLOSE,
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + json_answer('{"total":1}'),
    ], ids=["chunked", "until closed", "after an early hint"],
)  # fmt: skip
async def test_answers_of_any_framing_are_read(answer: bytes) -> None:
    """In chunks, until the connection's end, after an interim answer."""

    async def respond(asked: Asked) -> bytes:
        return answer

    [reply] = await ask(respond)
    assert reply.end_ns > 0


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (json_answer("no", status="503 Unavailable"), TargetError, "^status 503$"),
        (
            json_answer('{"message": "too many"}', status="429 Slow Down"),
            TargetError,
            "^status 429: too many$",
        ),
        (json_answer("<html>"), TargetError, "not JSON"),
        (json_answer("[1]"), TargetError, "not a JSON object"),
        (b"SSH-2.0-OpenSSH\r\n", TargetError, "not HTTP/1.1"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"to' + CLOSE, OSError, "closed"),
    ],
    ids=[
        "status 503",
        "status 429 with a reason",
        "HTML",
        "a list",
        "another protocol",
        "cut short",
    ],
)
async def test_what_is_no_answer_is_an_error(
    answer: bytes, error: type[Exception], said: str
) -> None:
    """Said so that the cause can be found."""

    async def respond(asked: Asked) -> bytes:
        return answer

    with pytest.raises(error, match=said):
        await ask(respond)


async def test_secrets_are_on_the_wire_and_nowhere_else(tmp_path: Path) -> None:
    """A server that echoes them does not get them into the run."""

    async def tell(asked: Asked) -> bytes:
        said = f"{asked.headers['authorization']} {asked.headers['x-api-key']} {asked.line}"
        return json_answer(json.dumps({"message": said}), status="401 Unauthorized")

    environment = {"HHPERF_HEADER_X_API_KEY": "k-123456", "OTHER": "x"}
    async with serving(tell) as served:
        url = f"http://me:pa%40ss@127.0.0.1:{served.port}/find?token=t-98765"
        targets = http_targets(url, url, environment=environment)
        plan = plan_pairs(make_log(2), cache_state="natural", seed=1, warm_up=0)
        run = await replay_pairs(plan, targets, tmp_path)
    assert served.asked[0].headers["x-api-key"] == "k-123456"
    assert served.asked[0].headers["authorization"] == "Basic bWU6cGFAc3M="
    assert run.counts()[Arm.CONTROL][Outcome.ERROR] == 2
    written = (tmp_path / "run.json").read_text() + str(run.observations.to_pylist())
    for secret in ("k-123456", "bWU6cGFAc3M=", "pa%40ss", "pa@ss", "t-98765"):
        assert secret not in written
    assert f"127.0.0.1:{served.port}/find" in written
    assert "@" not in repr(targets[Arm.CONTROL])


async def test_a_timeout_leaves_the_target_usable(tmp_path: Path) -> None:
    """The connection that waits is given up, the next request gets another."""
    calls = 0

    async def first_hangs(asked: Asked) -> bytes:
        nonlocal calls
        calls += 1
        if calls == 1:
            await asyncio.sleep(5)
        return await answer_nothing(asked)

    async with serving(first_hangs) as served:
        target = HttpTarget(f"http://127.0.0.1:{served.port}")
        await target.open()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await target.send(REQUEST)
        await target.send(REQUEST)
        await target.close()
    assert [asked.connection for asked in served.asked] == [0, 1]


async def test_tls_is_spoken_and_checked(tmp_path: Path) -> None:
    """A certificate of our own is trusted when it is named, and only then."""
    context, certificate = serving_context(tmp_path)
    async with serving(tls=context) as served:
        url = f"https://localhost:{served.port}"
        trusting = HttpTarget(url, ca_file=certificate)
        await trusting.open()
        await trusting.send(REQUEST)
        await trusting.close()
        with pytest.raises(TargetError, match=r"(?i)certificate"):
            await HttpTarget(url).open()


async def test_a_deployment_that_is_not_there_is_said() -> None:
    """By its address."""
    async with serving() as served:
        port = served.port
    with pytest.raises(TargetError, match=f"http://127.0.0.1:{port}: "):
        await HttpTarget(f"http://127.0.0.1:{port}").open()


async def test_a_table_says_what_a_service_calls_its_stages() -> None:
    """In its `Server-Timing` too; names that the table does not have stay."""

    async def respond(asked: Asked) -> bytes:
        return json_answer("{}", "Server-Timing: db;dur=0.004, mesh;dur=0.001, app;dur=0.007")

    async with serving(respond) as served:
        table = StageTable({"db": "retrieval"}, {"app": "total"})
        target = HttpTarget(f"http://127.0.0.1:{served.port}", stages=table)
        await target.open()
        reply = await target.send(REQUEST)
        await target.close()
    taken = {span.stage: span.end_ns - span.start_ns for span in reply.spans}
    assert taken == {"retrieval": 4_000, "mesh": 1_000}
    assert (reply.service_ns, reply.excess_ns) == (7_000, 0)


@pytest.mark.parametrize("no_cache", [True, False])
async def test_an_answer_of_its_own_is_asked_for(no_cache: bool) -> None:
    """By the header that HTTP has for it."""
    async with serving() as served:
        target = HttpTarget(f"http://127.0.0.1:{served.port}", no_cache=no_cache)
        await target.open()
        await target.send(REQUEST)
        await target.close()
        asked = served.asked[0]
    assert asked.headers.get("cache-control") == ("no-cache" if no_cache else None)


def test_a_target_is_named_by_where_it_is() -> None:
    """Without what every deployment has in common, and without credentials."""
    assert HttpTarget("https://me:secret@host:8443").name == "https://host:8443"
    assert HttpTarget("https://host/v2/find").name == "https://host/v2/find"


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "localhost:8000", "http://a:b:c"])
def test_a_url_must_be_one(url: str) -> None:
    """Said without repeating it: there may be a password in it."""
    with pytest.raises(SettingsError, match="must look like"):
        HttpTarget(url)


def test_a_header_cannot_hide_another() -> None:
    """A line break in a value would begin a header of its own."""
    with pytest.raises(SettingsError, match="'X-Key'"):
        HttpTarget("http://localhost", headers={"X-Key": "a\r\nX-Other: b"})


def test_an_arm_has_headers_of_its_own() -> None:
    """They stand before those of every arm; the control's second measurement is a control."""
    environment = {
        "HHPERF_HEADER_X_KEY": "all", "HHPERF_TREATMENT_HEADER_X_KEY": "mine",
        "HHPERF_CONTROL_HEADER_AUTHORIZATION": "Bearer c",
    }  # fmt: skip
    found = {arm: headers_from_environment(arm, environment) for arm in Arm}
    assert found[Arm.TREATMENT] == {"X-Key": "mine"}
    assert found[Arm.CONTROL] == {"X-Key": "all", "Authorization": "Bearer c"}
    assert found[Arm.CONTROL_AGAIN] == found[Arm.CONTROL]


def test_a_reply_has_results_spans_and_the_cache() -> None:
    """As the service tells of them."""
    body = {
        "results": [{"candidateId": "c1", "score": 0.5}, {"candidateId": "c2", "score": 0.25}],
        "cacheHit": False,
        "timings": {"textSearchMs": 2.5, "totalMs": 2.75},
    }
    response = HttpResponse(200, {}, json.dumps(body).encode(), 3_001_000)
    reply = read_reply(response, 1_000)
    assert reply.results == (("c1", 0.5), ("c2", 0.25))
    assert [(span.stage, span.start_ns, span.end_ns) for span in reply.spans] == [
        ("text", 1_000, 2_501_000)
    ]
    assert (reply.cache_hits, reply.end_ns) == ({CacheLayer.RESULT: False}, 3_001_000)
    assert (reply.service_ns, reply.excess_ns) == (2_750_000, 0)


@pytest.mark.parametrize(
    ("headers", "body", "hits"),
    [
        ({"x-cache-status": "HIT"}, {}, {CacheLayer.RESULT: True}),
        ({"server-timing": 'db;dur=1, cache;desc="miss"'}, {}, {CacheLayer.RESULT: False}),
        ({"server-timing": "cache;dur=3;desc=hit"}, {}, {CacheLayer.RESULT: True}),
        ({"x-cache-status": "HIT"}, {"cacheHit": False}, {CacheLayer.RESULT: True}),
        ({"x-cache-status": "MISS"}, {"cacheHit": True}, {CacheLayer.RESULT: True}),
        ({"x-cache-status": "EXPIRED"}, {}, {CacheLayer.RESULT: False}),
        ({"server-timing": 'cache;desc="no hit"', "x-cache-status": "sometimes"}, {}, {}),
    ],
    ids=[
        "header", "miss by metric", "hit by metric", "a cache in front", "its own cache",
        "nginx's word", "neither",
    ],
)  # fmt: skip
def test_hit_or_miss_is_told_in_several_ways(
    headers: dict[str, str], body: dict[str, bool], hits: dict[CacheLayer, bool]
) -> None:
    """A cache in front repeats a body that speaks of a miss: one that tells of a hit is right."""
    response = HttpResponse(200, headers, json.dumps(body).encode(), 3_001_000)
    assert read_reply(response, 1_000).cache_hits == hits


async def varied(field: str, *, repeats: bool, method: str = "POST") -> list[Asked]:
    """Three requests, two of them alike, and one for the lookups alone if that is wanted."""
    other = Logged("r2", "acme", None, {"query": "Ana"})
    async with serving() as served:
        target = HttpTarget(
            f"http://127.0.0.1:{served.port}",
            method=method,
            variation=Variation(field, "control", repeats=repeats),
        )
        await target.open()
        for request in (REQUEST, REQUEST, other):
            await target.send(request)
        if (filler := target.for_lookups()) is not None:
            await filler.send(REQUEST)
        await target.close()
    return served.asked


async def test_a_field_of_the_body_is_varied_from_request_to_request() -> None:
    """The rest of the request stays the logged one."""
    bodies = [json.loads(asked.body) for asked in await varied("jdHash", repeats=False)]
    values = [body.pop("jdHash") for body in bodies]
    assert len(set(values)) == len(values) == 3
    assert {len(value) for value in values} == {32}
    assert bodies == [{"query": "João", "limit": 5}] * 2 + [{"query": "Ana"}]


async def test_equal_requests_get_equal_values_where_hits_are_wanted() -> None:
    """What fills lookups has another value, so that it makes no hits."""
    bodies = [json.loads(asked.body) for asked in await varied("jdHash", repeats=True)]
    first, again, other, filler = (body["jdHash"] for body in bodies)
    assert first == again
    assert len({first, other, filler}) == 3


async def test_a_header_is_varied() -> None:
    """And the body is left alone."""
    asked = await varied("header:X-Nonce", repeats=False)
    assert len({each.headers["x-nonce"] for each in asked}) == 3
    assert json.loads(asked[0].body) == {"query": "João", "limit": 5}


async def test_a_query_is_varied_where_there_is_no_body() -> None:
    """Beside the body's plain fields."""
    lines = [each.line for each in await varied("jdHash", repeats=False, method="GET")]
    assert len(set(lines)) == 3
    assert all("query=" in line and "jdHash=" in line for line in lines)
