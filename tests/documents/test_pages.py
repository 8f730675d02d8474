"""Every command on a page is run, in the order of the page, and says what the page shows."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.documents.pages import Page, blocks_of, start_of
from tests.sessions.measured import repack_coverage

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
FOLLOWED = [page for page in PAGES if "```console" in page.read_text(encoding="utf-8") and page.name != "ci.md"]
BASH = pytest.mark.skipif(sys.platform == "win32", reason="`bash` may be that of another system there")
LEFT_OUT = shutil.ignore_patterns(".nox", ".venv", "__pycache__", "build", "dist", ".*_cache", ".git", ".hypothesis")


@pytest.fixture(scope="session")
def index(wheelhouse_with_pytest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that stands for the registry: what the pages ask for is in it."""
    folder = Path(shutil.copytree(wheelhouse_with_pytest, tmp_path_factory.mktemp("index") / "wheels"))
    repack_coverage(folder)
    return folder


def _started(text: str, tmp_path: Path) -> Path:
    """Return the folder in which a page starts: empty, or a copy of one of the repository."""
    start = start_of(text)
    if not start:
        (tmp_path / "empty").mkdir()
        return tmp_path / "empty"
    copy = Path(shutil.copytree(ROOT / "examples", tmp_path / "clone/examples", ignore=LEFT_OUT))
    return copy.parent / start


@BASH
@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_page_can_be_followed(page: Path, index: Path, tmp_path: Path) -> None:
    """Who follows the page sees what it shows."""
    text = page.read_text(encoding="utf-8")
    variables = {"UV_FIND_LINKS": str(index), "UV_NO_INDEX": "1"}
    followed = Page(_started(text, tmp_path), {} if start_of(text) else variables)
    followed.follow(text)
    assert followed.ran


@BASH
def test_the_command_for_a_machine_with_pip_alone(tmp_path: Path) -> None:
    """The README's first command for a clone passes, once its `pip install` has."""
    (tmp_path / "clone").mkdir()
    shutil.copytree(ROOT / "examples", tmp_path / "clone/examples", ignore=LEFT_OUT)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.search(r'^\$ python -m pip install "\.\[uv\]" && (.+)$', text, re.MULTILINE)
    assert command is not None
    Page(tmp_path / "clone", {}).follow(f"```console\n$ {command[1]}\nnox > Session project-a was successful\n```\n")


def test_links_lead_somewhere() -> None:
    """Every relative link of a page is a file of the repository."""
    pages = [
        *PAGES,
        *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "examples/README.md")),
    ]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target
    ]
    assert [(page.name, target) for page, target in links if not (page.parent / target).exists()] == []
    assert links


def test_no_page_names_this_machine() -> None:
    """No page has a path of the machine on which it was written."""
    told = re.compile(r"/(home|root|tmp/pytest|Users)/")
    assert [page.name for page in PAGES if told.search(page.read_text(encoding="utf-8"))] == []


def test_blocks() -> None:
    """The reader of pages sees labels, notes, languages and commands as they stand there."""
    (file, block) = blocks_of(
        "`a`, `b/c`, with more\n\n```toml\nx\n```\n<!-- fails -->\n```console\n$ one\nsaid\n...\n$ two\n```\n"
    )
    assert (file.files, file.language, file.text) == (["a", "b/c"], "toml", "x\n")
    assert (block.note, [*block.commands]) == ("fails", [("one", ["said"]), ("two", [])])
