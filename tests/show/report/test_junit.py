"""Test cases for CI."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hhperf.analysis.decision import Gate, GateState, Verdict
from hhperf.runs.metadata_file import read_metadata, write_metadata
from hhperf.runs.run import load_run
from hhperf.show.findings import Findings
from hhperf.show.report.junit import to_junit
from hhperf.show.sweep_findings import SweepFindings
from tests.show.report.made import HOSTILE, write_pairs


def cases(xml: str, tag: str) -> set[str]:
    """The names of the cases that have such a child."""
    return {
        each.attrib["name"]
        for each in ET.fromstring(xml).iter("testcase")
        if each.find(tag) is not None
    }


def test_every_statistic_and_every_gate_is_a_case(exceeding: Findings) -> None:
    """Five statistics, then the gates, counted at both levels."""
    root = ET.fromstring(to_junit([exceeding]))
    comparison = exceeding.comparison
    names = [each.attrib["name"] for each in root.iter("testcase")]
    assert names[:2] == ["mean saves more than 20.0%", "p50 saves more than 20.0%"]
    assert len(names) == len(comparison.results) + len(comparison.gates)
    for element in (root, root[0]):
        counted = [element.attrib[name] for name in ("tests", "failures", "skipped", "errors")]
        assert counted == [str(len(names)), "0", "1", "0"]


def test_a_run_that_exceeds_has_no_failure(exceeding: Findings) -> None:
    """A statistic that decides nothing and has no verdict is skipped."""
    xml = to_junit([exceeding])
    assert cases(xml, "failure") == set()
    assert cases(xml, "skipped") == {"p99 saves more than 20.0%"}


def test_below_is_a_failure_at_every_statistic(below: Findings) -> None:
    """The claim is refuted there."""
    xml = to_junit([below])
    assert cases(xml, "failure") == {
        f"{each} saves more than 20.0%" for each in ("mean", "p50", "p90", "p95")
    }
    assert cases(xml, "skipped") == {"p99 saves more than 20.0%"}


def test_the_deciding_statistic_must_have_a_verdict(exceeding: Findings) -> None:
    """As `hhperf gate --statistic p99` ends with 3, its case is a failure."""
    strict = Findings.of(exceeding.run, statistic="p99")
    assert strict.comparison.verdict is Verdict.NOT_MEASURABLE
    assert cases(to_junit([strict]), "failure") == {"p99 saves more than 20.0%"}


def test_a_failed_gate_is_a_failure(gated: Findings) -> None:
    """Beside the deciding statistic, which has no verdict then; the others are skipped."""
    xml = to_junit([gated])
    assert cases(xml, "failure") == {
        "p95 saves more than 20.0%",
        *(f"gate: A/A' {each}" for each in ("mean", "p50", "p90", "p95")),
    }
    assert len(cases(xml, "skipped")) == 4


def test_only_below_may_be_a_failure(gated: Findings, below: Findings) -> None:
    """As with `hhperf gate --fail-on below`; what has no verdict is skipped."""
    assert cases(to_junit([gated], fail_on_below=True), "failure") == set()
    assert "gate: A/A' mean" in cases(to_junit([gated], fail_on_below=True), "skipped")
    assert len(cases(to_junit([below], fail_on_below=True), "failure")) == 4


def test_a_gate_that_cannot_tell_is_skipped(exceeding: Findings) -> None:
    """With how many pairs would do; the statistic it concerns fails if it decides."""
    unsure = Gate("A/A' p95", GateState.TOO_FEW, "9%", "5%", "noise", ("p95",), 8_500)
    found = replace(exceeding, comparison=exceeding.comparison.with_gates([unsure]))
    xml = to_junit([found])
    assert "gate: A/A' p95" in cases(xml, "skipped")
    assert "8,500 pairs would do (noise)." in xml
    assert cases(xml, "failure") == {"p95 saves more than 20.0%"}


def test_each_load_is_a_suite(sweep: SweepFindings) -> None:
    """Only the load that is below fails."""
    root = ET.fromstring(to_junit([sweep]))
    assert [suite.attrib["failures"] for suite in root] == ["0", "0", "2"]
    assert [suite.attrib["name"].rpartition(", ")[2] for suite in root] == [
        "at 10/s", "at 20/s", "at 40/s",
    ]  # fmt: skip


def test_hostile_names_are_read_back_as_text(hostile: Findings) -> None:
    """What XML cannot hold is written out."""
    (suite,) = ET.fromstring(to_junit([hostile]))
    control, treatment = HOSTILE["control"], HOSTILE["treatment"]  # type: ignore[index]
    assert suite.attrib["name"].endswith(control)
    assert suite.attrib["name"].startswith(treatment.replace("\u202e", "\\u202e"))
    logged = [
        each.attrib["value"] for each in suite.iter("property") if "sha256" in each.attrib["value"]
    ]
    assert "\\u0000" in logged[0]


@pytest.mark.parametrize("name", ["threshold", "deciding statistic", "seed"])
def test_a_suite_tells_how_it_was_decided(exceeding: Findings, name: str) -> None:
    """As properties, which CI shows beside the cases."""
    root = ET.fromstring(to_junit([exceeding]))
    found = {each.attrib["name"]: each.attrib["value"] for each in root.iter("property")}
    assert found[name] == {"threshold": "0.2", "deciding statistic": "p95", "seed": "0"}[name]


def test_a_failure_has_its_verdict_in_the_message(below: Findings) -> None:
    """With the interval it was read from."""
    root = ET.fromstring(to_junit([below]))
    messages = [each.attrib["message"] for each in root.iter("failure")]
    assert all(each.startswith("BELOW: +") and "against 20.0%" in each for each in messages)


def test_a_partial_run_fails_whatever_it_saves(tmp_path: Path) -> None:
    """Also where only BELOW is a failure: it is no verdict of the run that was planned."""
    run = write_pairs(tmp_path / "run")
    write_metadata(run.path, replace(read_metadata(run.path), status="interrupted"))
    xml = to_junit([Findings.of(load_run(run.path))], fail_on_below=True)
    assert cases(xml, "failure") == {"the run went to its end"}
