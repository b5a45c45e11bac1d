"""`hhperf validate-model`: predicts changed systems, then measures them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from hhperf.cli.changed_systems import ChangedSystem
from hhperf.cli.measured_systems import (
    Effort,
    check_load,
    control_for,
    measure,
    predict,
    savings_of,
    validated,
)
from hhperf.cli.recorded_controls import finished_or_free
from hhperf.cli.screen import errors
from hhperf.errors import RunError
from hhperf.forecast.json_file import read_json, write_json
from hhperf.forecast.validation import Predicted, ValidatedSaving

if TYPE_CHECKING:
    import hhperf
    from hhperf.runs.run import Run
    from hhperf.workload.query_log import QueryLog

PREDICTIONS = "predictions.json"


@dataclass(frozen=True, slots=True)
class Source:
    """What predictions were made by.

    Attributes:
        effort: that will be measured.
        runs: the folders that they are from, by profile.
        systems: their names.
    """

    effort: Effort
    runs: dict[str, str]
    systems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What was predicted, by system and statistic."""

    made_by: Source
    savings: dict[str, dict[str, Predicted]]


_ADAPTER = TypeAdapter(Predictions)


@dataclass(frozen=True, slots=True)
class Proof:
    """Systems that are predicted, then measured.

    Attributes:
        systems: in the order in which they are measured.
        known: the runs to predict from, by profile.
        effort: how much is measured.
        folder: keeps predictions and runs.
    """

    systems: tuple[ChangedSystem, ...]
    known: "Mapping[str, Run]"
    effort: Effort
    folder: Path

    def predictions(self) -> Predictions:
        """What is predicted, kept before anything is measured and never made anew.

        Raises:
            ForecastError: a system's profile has no run, or its load too many requests.
            RunError: the folder holds other predictions, or cannot be written.
        """
        path, made_by = self.folder / PREDICTIONS, self._source()
        kept = read_json(path, _ADAPTER)
        if kept is None:
            for each in self.systems:
                check_load(each, self.effort)
            bases = [control_for(each, self.known) for each in self.systems]
            told = {
                each.name: savings_of(predict(each, base, self.effort))
                for each, base in zip(self.systems, bases, strict=True)
            }
            kept = Predictions(made_by, told)
            write_json(path, _ADAPTER, kept)
        elif kept.made_by != made_by:
            raise RunError(
                f"{path}: predicted by other options or runs: take those, or another --out"
            )
        return kept

    def _source(self) -> Source:
        runs = {name: str(run.path) for name, run in sorted(self.known.items())}
        return Source(self.effort, runs, tuple(each.name for each in self.systems))

    def measured(
        self, told: Predictions, log: "QueryLog", stack: "hhperf.Stack"
    ) -> Iterator[list[ValidatedSaving]]:
        """System by system, what was predicted beside what is measured; what there is is kept.

        A run that was ended before its time ends the measuring.
        """
        for number, system in enumerate(self.systems, 1):
            place = self.folder / "runs" / re.sub(r"\W+", "-", system.name)
            loaded = system.schedule if system.setting.rate_hz else ""
            run, free = finished_or_free(place, loaded)
            if run is None:
                errors.print(f"{number} of {len(self.systems)}: {system.name} …", markup=False)
                base = control_for(system, self.known)
                run = measure(system, base, log, stack, free, self.effort)
            if run.status != "finished":
                again = "the same command goes on with the others"
                errors.print(f"{run.path}: {run.status}; {again}.", markup=False)
                return
            yield validated(system, told.savings[system.name], run)
