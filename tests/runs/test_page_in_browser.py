"""The page of a run as people meet it: in a real browser, on a phone and a wide screen, in the light and in the dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runs.made import finding, outcome, run_on
from tests.support.browser import Browser, browser, needs_browser
from wsnox.runs.page import html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.real, needs_browser]

HOSTILE = "<img src=x onerror='window.hacked = 1'><script>window.hacked = 1</script>"
LONG = "pytest tests " + "--an-option=with-a-value-that-nobody-would-type " * 6 + "x" * 200
RUN = run_on(
    outcome("a-3.9", "failed", name="a", kind="test", python="3.9", command=LONG, findings=(finding("a", "yaml"),)),
    outcome("a-3.10(cpu)", name="a", kind="test", python="3.10", variant="cpu", preparation=0.5),
    outcome("a-3.10(cuda)", "skipped", name="a", kind="test", python="3.10", variant="cuda", reason=HOSTILE),
    outcome("b:types", "aborted", name="b:types", kind="task", python="3.10", commands=0),
    outcome(HOSTILE, "failed", reason=HOSTILE * 3, command=HOSTILE),
    outcome("c-3.9", "unaffected", name="c", python="3.9", commands=0),
    *(outcome(f"member-with-a-long-name-{number}:{task}", python="3.10") for number in range(9) for task in "abcdefg"),
)

# The contrast of each text with what is behind it (WCAG 2.2, Relative luminance and Contrast ratio), where it is too small.
PALE = """
(() => {
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const luminance = color => {
    const [r, g, b] = numbers(color).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    const color = getComputedStyle(element).backgroundColor;
    return numbers(color)[3] === 0 ? behind(element.parentElement) : color;
  };
  const pale = [];
  for (const element of document.body.querySelectorAll("*")) {
    const text = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!text || element.tagName === "SCRIPT") continue;
    const [x, y] = [getComputedStyle(element).color, behind(element)].map(luminance);
    const contrast = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    if (contrast < 4.5) pale.push([element.tagName, element.className, contrast]);
  }
  return pale;
})()
"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser."""
    with browser(tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a run with everything that a page can show."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html(RUN), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_it_can_be_read(chromium: Browser, page: Path, width: int, scheme: str) -> None:
    """Nothing is wider than the window but a table that scrolls in itself, and every text stands out from its ground."""
    chromium.open(page, width=width, scheme=scheme)
    assert chromium.value("document.documentElement.scrollWidth") <= width
    assert chromium.value(PALE) == []
    dark = chromium.value("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 26)"
    assert dark == (scheme == "dark")


def test_nothing_is_fetched_or_run(chromium: Browser, page: Path) -> None:
    """Names and reasons are text, whatever they look like."""
    chromium.open(page, width=1440, scheme="light")
    assert chromium.value("typeof window.hacked") == "undefined"
    assert chromium.value("document.images.length") == 0
    assert chromium.requested == [page.as_uri()]
    assert chromium.value("document.querySelector('article h3').textContent").endswith(HOSTILE)
    # Were a script among them, the page's policy would not let it run.
    inject = "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.hacked = 1'}))"
    chromium.value(inject)
    assert chromium.value("typeof window.hacked") == "undefined"


def test_sessions_are_filtered(chromium: Browser, page: Path) -> None:
    """A click on a result shows the sessions with that result alone, without any script."""
    chromium.open(page, width=390, scheme="light")
    shown = "[...document.querySelectorAll('.all tbody tr')].filter(row => row.checkVisibility()).length"
    assert chromium.value(shown) == len(RUN.sessions)
    for result in ("failed", "aborted", "skipped", "unaffected", "passed", "all"):
        chromium.value(f"document.querySelector('[value={result}]').click()")
        expected = [session for session in RUN.sessions if result in ("all", session.result)]
        assert chromium.value(shown) == len(expected) > 0


def test_commands_are_copied(chromium: Browser, page: Path) -> None:
    """The button beside a command copies what it says, and nothing around it."""
    chromium.open(page, width=1440, scheme="light")
    button = "document.querySelector('article li .copy button')"
    assert chromium.value(f"{button}.textContent") == "Copy"
    assert chromium.value(f"{button}.ariaLabel") == "Copy uv add --package a yaml"
    said = f"(async () => {{ {button}.click(); while ({button}.textContent === 'Copy') await 0; return {button}.textContent }})()"
    assert chromium.value(said.replace("await 0", "await new Promise(requestAnimationFrame)")) == "Copied"
    assert chromium.value("getSelection().toString()") == "uv add --package a yaml"


def test_the_grid_is_a_table(chromium: Browser, page: Path) -> None:
    """Rows and columns have names for those who hear them, and a cell leads to its session, whatever is filtered."""
    chromium.open(page, width=1440, scheme="light")
    cell = "document.querySelector('.grid tbody tr td a')"
    assert chromium.value(f"{cell}.closest('tr').querySelector('th[scope=row]').textContent") == "a"
    assert chromium.value(f"{cell}.textContent.trim()").startswith("✗failed")
    chromium.value(f"document.querySelector('[value=passed]').click(), {cell}.click()")
    target = f"document.querySelector({cell}.getAttribute('href'))"
    assert chromium.value(f"{target}.querySelector('th').textContent").startswith("a-3.9")
    assert chromium.value(f"{target}.checkVisibility()")
    assert chromium.value("[...document.querySelectorAll('table')].every(table => table.caption.textContent)")
