"""A report as JUnit XML, which every CI shows: a test case for each statistic and each gate.

The rule, as strict as `hhperf gate` and a little more:

- the statistic that decides (p95 by default) fails unless its verdict is EXCEEDS, for `hhperf gate`
  ends with a code other than 0 as well;
- any other statistic fails when it is BELOW, and is skipped when it has no verdict (INCONCLUSIVE,
  NOT_MEASURABLE);
- a validity gate that failed is a failure, also where it voids another statistic than the one that
  decides; one that had too few pairs to tell is skipped, for what it concerns has no verdict.

So a file without a failure means that `hhperf gate` ends with 0. With `fail_on_below`, as with
`hhperf gate --fail-on below`, the deciding statistic is skipped too where it has no verdict, and so
are gates that failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.decision import Gate, GateState, Verdict
from hhperf.show.report.provenance import log_name
from hhperf.show.report.text import visible
from hhperf.show.subject import Judged, Subject
from hhperf.shown import percent

NO_VERDICT = (Verdict.INCONCLUSIVE, Verdict.NOT_MEASURABLE)


@dataclass(frozen=True, slots=True)
class Suite:
    """One comparison with what decides its cases."""

    judged: Judged
    primary: str
    fail_on_below: bool

    @property
    def title(self) -> str:
        """Which comparison it is."""
        return self.judged.title

    @property
    def comparison(self) -> Comparison:
        """What the cases are made of."""
        return self.judged.comparison


def to_junit(subjects: Sequence[Subject], *, fail_on_below: bool = False) -> str:
    """The XML, one suite a run or load.

    Args:
        subjects: one or more.
        fail_on_below: whether only BELOW is a failure, and what has no verdict is skipped.
    """
    root = ET.Element("testsuites", name="hhperf")
    for subject in subjects:
        root.extend(_suite(Suite(each, subject.primary, fail_on_below)) for each in subject.judged)
    _count(root)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written.decode() + "\n"


def _suite(suite: Suite) -> ET.Element:
    created = f"{suite.judged.run.metadata.created:%Y-%m-%dT%H:%M:%S}"
    element = ET.Element("testsuite", name=visible(suite.title), timestamp=created)
    properties = ET.SubElement(element, "properties")
    for name, value in _facts(suite):
        ET.SubElement(properties, "property", name=name, value=visible(value))
    if ending := suite.judged.run.ending:
        case = _case(suite, "the run went to its end")
        ET.SubElement(case, "failure", type="partial run", message=visible(ending))
        element.append(case)
    element.extend(_statistic(suite, each) for each in suite.comparison.results)
    element.extend(_gate(suite, each) for each in suite.comparison.gates)
    _count(element)
    return element


def _statistic(suite: Suite, result: StatisticResult) -> ET.Element:
    threshold = percent(suite.comparison.threshold)
    case = _case(suite, f"{result.statistic} saves more than {threshold}")
    message = f"{result.verdict}: {result.estimate}, against {threshold}"
    decides = result.statistic == suite.primary and not suite.fail_on_below
    if result.verdict is Verdict.BELOW or (decides and result.verdict in NO_VERDICT):
        failure = ET.SubElement(case, "failure", type=str(result.verdict), message=message)
        failure.text = visible("; ".join(result.estimate.warnings)) or None
    elif result.verdict in NO_VERDICT:
        ET.SubElement(case, "skipped", message=message)
    else:
        ET.SubElement(case, "system-out").text = message
    return case


def _gate(suite: Suite, gate: Gate) -> ET.Element:
    case = _case(suite, f"gate: {gate.name}")
    said = visible(f"{gate.figure} (limit: {gate.limit})")
    if gate.passed:
        ET.SubElement(case, "system-out").text = said
        return case
    if gate.state is GateState.FAILED and not suite.fail_on_below:
        missed = ET.SubElement(case, "failure", type="gate", message=said)
    else:
        missed = ET.SubElement(case, "skipped", message=f"{gate.state}: {said}")
    missed.text = visible(gate.text)
    return case


def _case(suite: Suite, name: str) -> ET.Element:
    return ET.Element("testcase", classname=visible(f"hhperf.{suite.title}"), name=visible(name))


def _facts(suite: Suite) -> list[tuple[str, str]]:
    metadata = suite.judged.run.metadata
    return [
        ("threshold", f"{suite.comparison.threshold:g}"),
        ("deciding statistic", suite.primary),
        ("pairs", str(suite.comparison.n_pairs)),
        ("seed", str(metadata.seed)),
        ("query log", f"{log_name(metadata)}, sha256 {metadata.log.sha256}"),
        *metadata.versions.items(),
        *metadata.conditions.versions.items(),
    ]


def _count(element: ET.Element) -> None:
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))
    element.set("errors", "0")
