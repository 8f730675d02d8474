"""A run as an HTML page: nothing that a session says is markup, and nothing is fetched."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from tests.runs.made import finding, outcome, run_on
from wsnox.runs.page import html

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "script"),
    *("h1", "h2", "h3", "p", "div", "span", "ul", "li", "code", "article", "details", "summary", "a", "fieldset"),
    *("legend", "label", "input", "table", "caption", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "http-equiv", "class", "style", "aria-hidden", "aria-label", "role"),
    *("tabindex", "href", "title", "scope", "rowspan", "colspan", "type", "value", "checked", "id"),
}


class _Page(HTMLParser):
    """What stands on a page: its elements, their attributes and their text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


_hostile = st.text() | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</style><b>",
        "javascript:alert(1)",
        "`<i>`",
        "a&amp;b",
    ]
)


@given(_hostile, _hostile)
def test_what_sessions_say_is_text(name: str, said: str) -> None:
    """Whatever the names, reasons and commands are, the page has the elements that it always has."""
    found = ({**finding(said, said, fix=said), "sentence": said},)
    failed = [
        outcome(
            f"{name}{number}", "failed", name=name, variant=said, reason=f"{said}{number}", command=said, findings=found
        )
        for number in range(7)
    ]
    text = html(run_on(*failed, outcome(f"{name} ", python=said, commands=0)))
    assert text.isascii()
    page = _Page(text)
    assert page.tags <= TAGS
    assert {attribute for attribute, _ in page.attributes} <= ATTRIBUTES
    links = {value for attribute, value in page.attributes if attribute == "href"}
    assert all(link.startswith("#session-") for link in links)


def test_what_stands_on_it() -> None:
    """Totals, what failed with its command, leaks and what to run, the grid, and all sessions."""
    run = run_on(
        outcome("a-3.11", name="a", kind="test", python="3.11"),
        outcome("a-3.12", "failed", name="a", python="3.12", command="pytest -q", findings=(finding("a", "yaml"),)),
    )
    text = " ".join(_Page(html(replace(run, not_run=4))).texts)
    for words in (
        "1 of 2 sessions failed",
        "4 not run",
        "pytest -q",
        "uv add --package a yaml",
        "nox -s a-3.12",
        "3.11",
        "All sessions",
    ):
        assert words in text
    assert "<article" not in html(run_on(outcome("a")))
