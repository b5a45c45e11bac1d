"""`hhperf log`: query logs."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

import hhperf
from hhperf.cli.contenders import read_log
from hhperf.cli.options import OnBadLine
from hhperf.cli.screen import errors, output
from hhperf.errors import QueryLogError, RedactionError

app = typer.Typer(help="Make, import and look at query logs.", no_args_is_help=True)

Out = Annotated[Path, Argument(help="The file to write: .jsonl or .jsonl.gz.")]


@app.command()
def make(
    out: Out,
    count: Annotated[int, Option(min=1, max=10_000_000, help="How many requests.")] = 2_400,
    seed: Annotated[int, Option(help="Of everything drawn.")] = 0,
) -> None:
    """Make a query log: real arrival times and vocabulary, synthetic queries."""
    from hhperf.workload.query_log import write_query_log  # noqa: PLC0415  (heavy)

    log = hhperf.make_query_log(count, seed=seed)
    write_query_log(log, out)
    output.print(f"{out}: {len(log):,} requests over {log.span_s / 60:.0f} minutes")


@app.command("import")
def import_(
    source: Annotated[Path, Argument(help="The log to read; text may be gzipped.")],
    out: Out,
    kind: Annotated[str, Option(help="What it is: service, access, har.")] = "service",
    tenant: Annotated[
        str | None, Option(help="Whose candidates are searched where a line does not say.")
    ] = None,
    path_contains: Annotated[
        str, Option(help="Only requests with this in their path.")
    ] = "/v1/search/hybrid",
    on_bad_line: OnBadLine = "fail",
    redact: Annotated[
        bool,
        Option("--redact", help="Put pseudonyms for every word, name and identifier; keyed."),
    ] = False,
    keep: Annotated[
        list[str] | None,
        Option(help="With --redact: a field that stays, such as tenant or skills; repeatable."),
    ] = None,
    keep_filters: Annotated[
        bool,
        Option("--keep-filters", help="With --redact: all filters stay, or they match nothing."),
    ] = False,
    keep_words: Annotated[
        Path | None, Option(help="With --redact: words that stay, one a line.")
    ] = None,
) -> None:
    """Make a query log of a service's JSON log, an access log or an HTTP archive (HAR)."""
    from hhperf.workload.query_log import write_query_log  # noqa: PLC0415  (heavy, as is the next)
    from hhperf.workload.redaction import Redaction  # noqa: PLC0415

    kept = frozenset(keep or ()) | ({"filters"} if keep_filters else set())
    if (kept or keep_words) and not redact:
        raise RedactionError("what is kept goes with --redact, which is missing")
    redaction = Redaction(keep=kept, words=_words(keep_words)) if redact else None
    found = hhperf.import_log(
        source,
        kind,
        tenant=tenant,
        path_contains=path_contains,
        on_bad_line=on_bad_line,
        redaction=redaction,
    )
    write_query_log(found.log, out)
    if found.ignored:
        errors.print(f"{found.ignored:,} lines are no searches, or repeat one; left out.")
    output.print(f"{out}:", markup=False)
    output.print(str(found.summary), markup=False)


@app.command()
def summary(
    log: Annotated[Path | None, Argument(help="By default the shipped one.")] = None,
    on_bad_line: OnBadLine = "fail",
) -> None:
    """Say what is in a query log: rates, gaps, repeats, tenants."""
    from hhperf.workload.query_log import summarise  # noqa: PLC0415  (heavy)

    output.print(str(summarise(read_log(log, on_bad_line))), markup=False)


def _words(path: Path | None) -> frozenset[str]:
    if path is None:
        return frozenset()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QueryLogError(f"cannot be read: {error}", path=str(path)) from error
    return frozenset(line.strip().lower() for line in lines if line.strip())
