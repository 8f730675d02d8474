"""A run as JUnit XML."""

from __future__ import annotations

from dataclasses import replace
from xml.etree.ElementTree import fromstring

from hypothesis import given
from hypothesis import strategies as st

from tests.runs.made import finding, outcome, run_on
from wsnox.runs.junit import junit_xml


def test_suites_and_cases() -> None:
    """A suite for each member with its numbers, and in it a case for each session."""
    root = fromstring(
        junit_xml(
            run_on(
                outcome("a-3.12", name="a", commands=1.5, preparation=0.25),
                outcome("a:types", "aborted", commands=0, reason="Prerequisite session b was not successful"),
                outcome("b", "failed", commands=2, reason="why", command="pytest -q", findings=(finding("b", "yaml"),)),
                outcome("c", "skipped", commands=0, reason="no tests"),
                outcome("d", "unaffected", commands=0),
            )
        )
    )
    assert root.attrib == {
        "name": "wsnox",
        "tests": "5",
        "failures": "1",
        "errors": "1",
        "time": "3.750",
    }
    assert [(suite.get("name"), suite.get("tests"), suite.get("time")) for suite in root] == [
        ("a", "2", "1.750"),
        ("b", "1", "2.000"),
        ("c", "1", "0.000"),
        ("d", "1", "0.000"),
    ]
    assert {suite.get("timestamp") for suite in root} == {"2026-01-01T03:04:05"}
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert {title: [(child.tag, child.get("message")) for child in case] for title, case in cases.items()} == {
        "a-3.12": [],
        "a:types": [("error", "Prerequisite session b was not successful")],
        "b": [("failure", "b imports `yaml` (a.py:1), which it does not declare")],
        "c": [("skipped", "no tests")],
        "d": [("skipped", "unaffected")],
    }
    assert {case.get("classname") for case in cases.values()} == {"a", "b", "c", "d"}
    assert str(cases["b"][0].text).splitlines()[:2] == ["why", "command: pytest -q"]
    assert "uv add --package b yaml" in str(cases["b"][0].text)


@given(st.text(), st.text())
def test_any_text_is_a_document(name: str, reason: str) -> None:
    """Control characters and halves of surrogate pairs, which XML cannot have at all, become escapes."""
    run = replace(run_on(outcome(name, "failed", reason=reason, command=reason)), started=name)
    document = junit_xml(run)
    assert document.isascii()
    assert fromstring(document)[0][0].tag == "testcase"
