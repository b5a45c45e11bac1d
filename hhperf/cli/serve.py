"""`hhperf serve` and `hhperf doctor`."""

from typing import Annotated

import typer
from typer import Option

import hhperf
from hhperf.cli.exits import BY_SIGNAL, ExitCode
from hhperf.cli.options import Candidates, Profile
from hhperf.cli.screen import output
from hhperf.errors import SettingsError
from hhperf.stack.made_of import DEFAULT_CANDIDATES


def serve(
    arm: Annotated[
        str | None,
        Option(
            "--arm",
            "--schedule",
            help="An arm, or a schedule of your own, such as 'vector < specialty; text <"
            " specialty'; by default ENABLE_PARALLEL_PRE_SEARCH decides.",
        ),
    ] = None,
    port: Annotated[int, Option(min=0, max=65_535, help="The port; 0 takes a free one.")] = 8080,
    host: Annotated[str, Option(help="The address to listen on.")] = "127.0.0.1",
    profile: Profile = "local",
    candidates: Candidates = DEFAULT_CANDIDATES,
    as_deployed: Annotated[
        bool,
        Option(
            "--as-deployed",
            help="Cache and report as the deployed service does; by default with its schedule.",
        ),
    ] = False,
    result_cache: Annotated[
        bool, Option(help="With --as-deployed: whether whole answers are cached.")
    ] = True,
) -> None:
    """Serve POST /v1/search/hybrid, so that any load tool can drive an arm."""
    from hhperf.search.arms import deployed_arm  # noqa: PLC0415  (heavy, as are the next)
    from hhperf.search.as_deployed import AnswerAsDeployed, shipped_arm  # noqa: PLC0415
    from hhperf.search.service import answer_search  # noqa: PLC0415
    from hhperf.search.service import serve as serve_arm  # noqa: PLC0415

    if not (result_cache or as_deployed):
        raise SettingsError(
            "--no-result-cache: is for --as-deployed; without that, a request that says"
            " Cache-Control: no-cache is searched anew"
        )
    latency = hhperf.load_profile(profile)
    with hhperf.Stack(corpus=hhperf.Corpus(candidates)) as stack:
        name = arm or (shipped_arm if as_deployed else deployed_arm)(stack.settings)
        kind = (":deployed" if result_cache else ":uncached") if as_deployed else ""
        number = serve_arm(
            name,
            _own_keys(stack.settings, name + kind),
            stack.endpoints,
            latency,
            port,
            host,
            answer=AnswerAsDeployed(result_cache) if as_deployed else answer_search,
        )
    raise typer.Exit(BY_SIGNAL + number)


def _own_keys(settings: "hhperf.Settings", owner: str) -> "hhperf.Settings":
    """Two services over one Redis would answer from each other's cache."""
    return settings.model_copy(
        update={"search_redis_prefix": f"{settings.search_redis_prefix}:{owner}"}
    )


def doctor() -> None:
    """Say what is wrong, and how to mend it."""
    from hhperf.show.card import Table  # noqa: PLC0415  (heavy, as is the next)
    from hhperf.stack.doctor import diagnose  # noqa: PLC0415

    findings = diagnose()
    rows = tuple(
        ("ok" if each.ok else "WRONG", each.check, each.message, "" if each.ok else each.remedy)
        for each in findings
    )
    output.print(Table("Doctor", ("", "check", "found", "remedy"), rows, numeric=False))
    if not all(each.ok for each in findings):
        raise typer.Exit(ExitCode.FAILURE)
