"""A run as one HTML file: no network, no library, light and dark, from a phone to a wide screen.

The page is a tree of elements, which `xml.etree` writes down: what sessions say is escaped in one place. Should it ever
not be, the page's own policy lets no script run but the one that it ships.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, tostring

from wsnox.runs.causes import causes, why, without_hint
from wsnox.runs.grid import grid
from wsnox.runs.outline import duration, headline, rerun_command, totals, worst_first
from wsnox.text import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wsnox.runs.causes import Cause
    from wsnox.runs.grid import Grid
    from wsnox.runs.record import Outcome, Run

__all__ = ["html"]

_MARKS = {"failed": "✗", "aborted": "!", "skipped": "-", "unaffected": "·", "passed": "✓"}
_FEW = 8


def html(run: Run) -> str:
    """Return the page that shows *run*."""
    sessions = worst_first(run.sessions)
    anchors = {session.session: f"session-{number}" for number, session in enumerate(sessions, 1)}
    style, script = _asset("page.css"), _asset("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    head = _element(
        "head",
        _element("meta", charset="utf-8"),
        _element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _element("meta", name="color-scheme", content="light dark"),
        _element("meta", content=policy, http_equiv="Content-Security-Policy"),
        _element("title", f"{headline(sessions)} · wsnox"),
        _element("style", style),
    )
    body = _element(
        "body",
        _header(run, sessions),
        _element(
            "main",
            *_failures(sessions),
            *_grid(grid(sessions), anchors),
            *_all(sessions, anchors),
        ),
        _element("footer", f"wsnox {run.wsnox}"),
        _element("script", script),
    )
    # Other characters become references: a pipe may have another encoding than the page says.
    page = tostring(_element("html", head, body, lang="en"), encoding="us-ascii", method="html")
    return f"<!doctype html>\n{page.decode()}\n"


def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _header(run: Run, sessions: Sequence[Outcome]) -> Element:
    numbers = totals(sessions)
    facts = [
        f"started {run.started[:16].replace('T', ' ')} UTC" if run.started else "",
        f"took {duration(run.seconds)}" if run.seconds else "",
        f"{duration(sum(session.preparation for session in sessions))} preparing environments",
        f"{duration(sum(session.commands for session in sessions))} running commands",
    ]
    shares = [_element("span", class_=result, style=f"flex-grow:{count}") for result, count in numbers.items()]
    items = [_element("li", _result(result, f"{count} {result}")) for result, count in numbers.items()]
    if run.not_run:
        items.append(_element("li", f"{run.not_run} not run"))
    return _element(
        "header",
        _element("h1", headline(sessions)),
        _element("p", " · ".join(filter(None, facts)), class_="facts"),
        _element("div", *shares, class_="share", aria_hidden="true"),
        _element("ul", *items, class_="totals"),
    )


# --- What failed ---


def _failures(sessions: Sequence[Outcome]) -> Iterator[Element]:
    failed = [session for session in sessions if session.needs_attention]
    if failed:
        reasons = causes(failed)
        again = [_copied("Run all again", rerun_command(failed))] if len(reasons) > 1 else []
        yield _element("section", _element("h2", "What failed"), *again, *map(_cause, reasons))


def _cause(cause: Cause) -> Element:
    first, *others = cause.sessions
    parts = [_element("h3", _result(first.result, first.session))]
    names = ", ".join(other.session for other in others)
    if len(others) > _FEW:
        summary = _element("summary", f"and {counted(len(others), 'other session')}")
        parts.append(_element("details", summary, _element("p", names)))
    elif others:
        parts.append(_element("p", f"Also: {names}"))
    if cause.reason:
        parts.append(_element("p", *_words(cause.reason), class_="reason"))
    if cause.command:
        parts.append(_copied("Command", cause.command))
    if cause.findings:
        parts.append(_element("ul", *map(_finding, cause.findings)))
    return _element("article", *parts, _copied("Run again", rerun_command(cause.sessions)), class_=first.result)


def _finding(finding: Mapping[str, str]) -> Element:
    fix = finding.get("fix")
    return _element("li", *_words(without_hint(finding)), *([_copied("Declare it", fix)] if fix else []))


# --- Who ran on which Python ---


def _grid(grid: Grid, anchors: Mapping[str, str]) -> Iterator[Element]:
    if not grid.tells_more_than_a_list:
        return
    tasks = dict.fromkeys(column.task for column in grid.columns)
    pythons = [_element("th", column.python or "default", scope="col") for column in grid.columns]
    widths = {task: str(sum(column.task == task for column in grid.columns)) for task in tasks}
    table = _element(
        "table",
        _element("caption", "How each session ended"),
        _element(
            "thead",
            _element(
                "tr",
                _element("th", "Member", scope="col", rowspan="2"),
                *(_element("th", task, scope="colgroup", colspan=widths[task]) for task in tasks),
            ),
            _element("tr", *pythons),
        ),
        _element(
            "tbody",
            *(
                _element("tr", _element("th", name, scope="row"), *(_cell(cell, anchors) for cell in cells))
                for name, cells in grid.rows
            ),
        ),
        class_="grid",
    )
    title = "Members and Pythons"
    region = _element("div", table, class_="scrolling", role="region", tabindex="0", aria_label=title)
    yield _element("section", _element("h2", title), region)


def _cell(sessions: Sequence[Outcome], anchors: Mapping[str, str]) -> Element:
    links = [
        _element(
            "a",
            _element("span", _MARKS[session.result], aria_hidden="true"),
            _element("span", session.result, class_="spoken"),
            f" {session.variant}",
            class_=f"result {session.result}",
            href=f"#{anchors[session.session]}",
            title=f"{session.session} {session.result}",
        )
        for session in sessions
    ]
    return _element("td", *links)


# --- All sessions ---


def _all(sessions: Sequence[Outcome], anchors: Mapping[str, str]) -> Iterator[Element]:
    longest = max((session.seconds for session in sessions), default=0) or 1
    choices = {"all": len(sessions), **totals(sessions)}
    yield _element(
        "section",
        _element("h2", "All sessions"),
        _element("fieldset", _element("legend", "Show"), *(_choice(*choice) for choice in choices.items())),
        _element(
            "p",
            _element("span", class_="bar preparation"),
            " preparing the environment ",
            _element("span", class_="bar commands"),
            " running commands",
            class_="legend",
        ),
        _element(
            "table",
            _element("caption", "What failed comes first, and then what took longest"),
            _element("thead", _element("tr", *(_element("th", text, scope="col") for text in _COLUMNS))),
            _element("tbody", *(_row(session, anchors[session.session], longest) for session in sessions)),
            class_="all",
        ),
    )


_COLUMNS = ("Session", "Result", "Time")


def _choice(result: str, count: int) -> Element:
    checked = {"checked": "checked"} if result == "all" else {}
    button = _element("input", type="radio", name="show", value=result, **checked)
    return _element("label", button, f" {result} {count}")


def _row(session: Outcome, anchor: str, longest: float) -> Element:
    times = {"preparation": session.preparation, "commands": session.commands}
    bars = [
        _element("span", class_=f"bar {name}", style=f"width:{100 * seconds / longest:.1f}%")
        for name, seconds in times.items()
        if seconds
    ]
    prepared = f"{duration(session.preparation)} preparing" if session.preparation else ""
    shown = (_element("div", *bars, class_="bars"), duration(session.seconds)) if session.seconds else ()
    aside = _element("div", "environment unchanged" if session.unchanged else prepared, class_="reason")
    return _element(
        "tr",
        _element("th", session.session, _element("div", *_words(why(session)), class_="reason"), scope="row"),
        _element("td", _result(session.result, session.result)),
        _element("td", *shown, aside),
        id=anchor,
        class_=session.result,
    )


# --- Elements ---


def _result(result: str, text: str) -> Element:
    """Return *text* in the colour of *result* and with its sign, which says the same to those who see no colours."""
    sign = _element("span", _MARKS[result], aria_hidden="true")
    return _element("span", sign, f" {text}", class_=f"result {result}")


def _words(sentence: str) -> Iterator[Element | str]:
    """Yield the parts of *sentence*, with what stands in backticks as code."""
    parts = sentence.split("`")
    for number, part in enumerate(parts):
        # The last of an odd number of backticks is one of the text.
        is_code = number % 2 == 1 and number + 1 < len(parts)
        yield _element("code", part) if is_code else f"`{part}" if number % 2 else part


def _copied(label: str, command: str) -> Element:
    """Return *command* as something to copy: by a button, and by one click where no script runs."""
    return _element("div", _element("span", label), _element("code", command), class_="copy")


def _element(tag: str, *children: Element | str, **attributes: str) -> Element:
    """Return an element; characters that no page may have become escapes.

    A ``_`` stands for the ``-`` of an attribute, and one at its end for nothing: ``class_``.
    """
    element = Element(tag, {name.rstrip("_").replace("_", "-"): printable(text) for name, text in attributes.items()})
    for child in children:
        if isinstance(child, Element):
            element.append(child)
        elif len(element):
            element[-1].tail = f"{element[-1].tail or ''}{printable(child)}"
        else:
            element.text = f"{element.text or ''}{printable(child)}"
    return element
