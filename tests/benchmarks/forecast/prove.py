"""Changes the real system as was predicted, and prints predicted against measured.

    python -m tests.benchmarks.forecast.prove predict    writes predictions.json, measures nothing
    python -m tests.benchmarks.forecast.prove            measures the twelve that were drawn, and
                                                         adds them to PROVED.md
    python -m tests.benchmarks.forecast.prove learn      measures others, for the model's error
    python -m tests.benchmarks.forecast.prove 3 17       measures these

It is `hhperf validate-model` with predictions that are committed: they are read from the file,
never made anew, so what is proved is what was committed. A system takes one to ten minutes on a
quiet machine.
"""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hhperf
from hhperf.analysis.estimate import Estimate
from hhperf.cli.changed_systems import SYSTEMS, ChangedSystem
from hhperf.cli.measured_systems import Effort, measure, predict, savings_of, validated
from hhperf.forecast.validation import AT, Predicted, Validation
from hhperf.runs.run import Run
from hhperf.show.forecast_cards import validation_sentences, validation_table
from hhperf.workload.query_log import QueryLog
from tests.benchmarks.forecast.systems import DRAWN, SEED, learned_from, to_prove

PREDICTIONS = Path(__file__).with_name("predictions.json")
PAGE = Path(__file__).with_name("PROVED.md")
EFFORT = Effort()
"""At 200 pairs a measured p95 is itself uncertain by more than what a prediction may be off."""


def main() -> None:
    """Predict, or measure what was predicted."""
    if sys.argv[1:] == ["predict"]:
        written = [_plain(place, system) for place, system in enumerate(SYSTEMS)]
        PREDICTIONS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
        return
    learn = sys.argv[1:] == ["learn"]
    places = learned_from() if learn else [int(each) for each in sys.argv[1:]] or to_prove()
    found = _measured(places)
    print(validation_table(found), *validation_sentences(found), sep="\n")
    if tuple(places) == to_prove():
        with PAGE.open("a", encoding="utf-8") as page:  # lists before it stay
            page.write(_told(found))


def base(system: ChangedSystem) -> Run:
    """The shipped run that a system is predicted from."""
    return hhperf.load_run(hhperf.data_dir() / "runs/claim" / system.setting.profile)


def _measured(places: Sequence[int]) -> Validation:
    known = {each["system"]: each for each in json.loads(PREDICTIONS.read_text(encoding="utf-8"))}
    log: QueryLog = hhperf.load_query_log()
    found = Validation(())
    with hhperf.Stack() as stack, tempfile.TemporaryDirectory() as folder:
        for place in places:
            system, out = SYSTEMS[place], Path(folder) / str(place)
            run = measure(system, base(system), log, stack, out, EFFORT)
            found = found.with_savings(validated(system, _predicted(known[place]), run))
            last = Validation(found.savings[-len(AT) :])
            print(place, validation_table(last), sep="\n", file=sys.stderr)
    return found


def _plain(place: int, system: ChangedSystem) -> dict[str, Any]:
    figures = {
        at: {
            "saving": round(each.saving.point, 5),
            "lower": round(each.saving.lower, 5),
            "upper": round(each.saving.upper, 5),
            "control_s": round(each.control_s, 5),
        }
        for at, each in savings_of(predict(system, base(system), EFFORT)).items()
    }
    return {
        "system": place, "setting": system.setting.name, "schedule": system.schedule, **figures
    }  # fmt: skip


def _predicted(known: Mapping[str, Any]) -> dict[str, Predicted]:
    found = {}
    for at in AT:
        told = known[at]
        saving = Estimate(told["saving"], told["lower"], told["upper"])
        found[at] = Predicted(saving, told["control_s"])
    return found


def _told(found: Validation) -> str:
    said = " ".join(validation_sentences(found))
    return (
        f"\n## List of seed {SEED}\n\n{DRAWN} of {len(SYSTEMS)} changed"
        f" systems; the list and the predictions were committed before any was measured."
        f" {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores,"
        f" {platform.machine()}. {said}\n\n{validation_table(found).to_markdown()}\n"
    )


if __name__ == "__main__":
    main()
