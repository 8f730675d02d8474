"""A run as JUnit XML, as CI systems read it: a suite for each member, and in it a case for each of its sessions.

There is no standard. What stands here is what the schema of Jenkins' xUnit plugin and GitLab's documents ("Unit test
reports") have in common: GitLab shows the text of a failure, others its message, so both have the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from wsnox.runs.causes import why
from wsnox.runs.grid import row_of
from wsnox.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wsnox.runs.record import Outcome, Run

__all__ = ["junit_xml"]

_ELEMENTS = {"failed": "failure", "aborted": "error", "skipped": "skipped", "unaffected": "skipped"}


def junit_xml(run: Run) -> str:
    """Return *run* as a document."""
    rows: dict[str, list[Outcome]] = {}
    for session in sorted(run.sessions, key=lambda session: session.session):
        rows.setdefault(row_of(session), []).append(session)
    root = Element("testsuites", {"name": "wsnox", **_numbers(run.sessions)})
    # Jenkins' schema has this number for a suite alone.
    del root.attrib["skipped"]
    for name, sessions in sorted(rows.items()):
        suite = SubElement(root, "testsuite", {"name": printable(name), **_numbers(sessions)})
        if run.started:
            suite.set("timestamp", printable(run.started[:19]))
        for session in sessions:
            _add_case(suite, session, name)
    indent(root)
    # Other characters become references: a pipe may have another encoding than the document says.
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="us-ascii").decode()}\n'


def _numbers(sessions: Iterable[Outcome]) -> dict[str, str]:
    elements = [_ELEMENTS.get(session.result) for session in sessions]
    return {
        "tests": str(len(elements)),
        "failures": str(elements.count("failure")),
        "errors": str(elements.count("error")),
        "skipped": str(elements.count("skipped")),
        "time": f"{sum(session.seconds for session in sessions):.3f}",
    }


def _add_case(suite: Element, session: Outcome, row: str) -> None:
    names = {"classname": printable(row), "name": printable(session.session)}
    case = SubElement(suite, "testcase", {**names, "time": f"{session.seconds:.3f}"})
    if session.result in _ELEMENTS:
        message = printable(why(session) or session.result)
        element = SubElement(case, _ELEMENTS[session.result], {"message": message})
        if session.needs_attention:
            element.set("type", session.result)
            element.text = "\n".join(map(printable, _details(session))) or message


def _details(session: Outcome) -> list[str]:
    command = f"command: {session.command}" if session.command else ""
    return [line for line in (session.reason, command, *(finding["sentence"] for finding in session.findings)) if line]
