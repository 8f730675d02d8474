"""Importing modules one after another, in real interpreters, and what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.environment.interpreters import interpreter
from wsnox.imports.importer import PROGRAM, TIME_LIMIT, Failure, read_failures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ENDED = f"it ended the interpreter, or took more than {TIME_LIMIT} seconds"
MODULES = {
    "fine.py": "import sys\nassert sys.argv[1:] == []\nprint('not an answer')\n",
    "missing.py": "\n\nimport no_such.module\n",
    "through.py": "import missing\n",
    "name.py": "from json import no_such_name\n",
    "leaves.py": "raise SystemExit(3)\n",
    "empty.py": "raise ValueError\n",
    "lines.py": "raise ValueError('first\\nsecond')\n",
    "syntax.py": "def (:\n",
    "mute.py": "class Odd(Exception):\n    def __str__(self):\n        raise TypeError\nraise Odd\n",
    "named.py": "raise ModuleNotFoundError('odd', name=7)\n",
    "letters.py": "raise ValueError('\\udcff \\u2028 \\U0001f600')\n",
    "package/__init__.py": "import os\nos.chdir('/')\n",
    "package/module.py": "",
}


def _imported(
    folder: Path, modules: Mapping[str, str], *names: str, python: str = sys.executable, limit: float = TIME_LIMIT
) -> tuple[Failure, ...]:
    """Import *names* of *modules* below *folder*, and return what failed."""
    for path, text in modules.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    wanted, answers = folder / "names", folder / "answers"
    wanted.write_text("\n".join(names), encoding="utf-8")
    # An isolated interpreter finds only what is installed: this stands for it.
    program = f"import sys\nsys.path.insert(0, {str(folder)!r})\n{PROGRAM}"
    subprocess.run(
        [python, "-I", "-B", "-c", program, wanted, answers, str(limit)],
        cwd=folder,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    return read_failures(answers.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("minor", ["3.8", "3.9", "3.13"])
def test_what_failed(tmp_path: Path, minor: str) -> None:
    """Each failure has its words, what was missing, and its lines; what follows is imported all the same."""
    names = ("missing", "fine", "through", "name", "leaves", "empty", "lines", "package.module")
    failures = _imported(tmp_path, MODULES, *names, python=str(interpreter(minor)))
    missing = "ModuleNotFoundError: No module named 'no_such'"
    assert [(failure.module, failure.words, failure.missing) for failure in failures] == [
        ("missing", missing, "no_such"),
        ("through", missing, "no_such"),
        ("name", failures[2].words, ""),
        ("leaves", "SystemExit: 3", ""),
        ("empty", "ValueError", ""),
        ("lines", "ValueError: first", ""),
    ]
    assert failures[2].words.startswith("ImportError: cannot import name 'no_such_name' from 'json'")
    assert [places[-1] for places in (failure.places for failure in failures[:2])] == [
        (str(tmp_path / "missing.py"), 3)
    ] * 2
    assert (str(tmp_path / "through.py"), 1) in failures[1].places


@pytest.mark.parametrize(("name", "words"), [("mute", "Odd"), ("named", "ModuleNotFoundError: odd"), ("letters", None)])
def test_odd_errors(tmp_path: Path, name: str, words: str | None) -> None:
    """An error that cannot be spelled, or whose parts are of the wrong type, is a failure like any other."""
    failures = _imported(tmp_path, MODULES, name, "missing")
    assert [failure.module for failure in failures] == [name, "missing"]
    assert words is None or failures[0].words == words


def test_a_syntax_error_is_at_its_own_line(tmp_path: Path) -> None:
    """The traceback of a file that cannot be parsed does not have it."""
    (failure,) = _imported(tmp_path, {"bad.py": "x = 1\ndef (:\n"}, "bad")
    assert failure.words.startswith("SyntaxError: ")
    assert failure.places[-1] == (str(tmp_path / "bad.py"), 2)


@pytest.mark.parametrize("end", ["os._exit(0)", "os._exit(7)", "os.kill(os.getpid(), 9)", "os.abort()"])
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_module_that_ends_the_interpreter(tmp_path: Path, end: str) -> None:
    """Nothing can be said of it but that, whichever code it leaves."""
    failures = _imported(tmp_path, {**MODULES, "ends.py": f"import os\n{end}\n"}, "missing", "ends", "fine")
    assert [(failure.module, failure.words) for failure in failures[1:]] == [("ends", ENDED)]


@pytest.mark.slow
@pytest.mark.parametrize("minor", ["3.8", "3.13"])
def test_a_module_that_does_not_end(tmp_path: Path, minor: str) -> None:
    """A module that waits for ever is named, and the ones before it have had their turn."""
    modules = {"waits.py": "import threading\nthreading.Event().wait()\n", **MODULES}
    failures = _imported(tmp_path, modules, "missing", "waits", "empty", python=str(interpreter(minor)), limit=2)
    assert [(failure.module, failure.words) for failure in failures[1:]] == [("waits", ENDED)]


LEFT = {
    "thread": "import threading\nthreading.Thread(target=threading.Event().wait).start()\n",
    "at-exit": "import atexit, threading\natexit.register(threading.Event().wait)\n",
    "pool": "from concurrent.futures import *\nimport threading\nThreadPoolExecutor().submit(threading.Event().wait)\n",
    "finaliser": "import threading\nclass C:\n    def __del__(self, event=threading.Event()):\n        event.wait()\nc = C()\n",
    "process": "import multiprocessing as m, threading\nm.get_context('fork').Process(target=threading.Event().wait, args=(20,)).start()\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("minor", ["3.8", "3.13"])
def test_what_stays(tmp_path: Path, minor: str, left: str) -> None:
    """What a module leaves running does not keep the check from its end, nor the modules after it from their turn."""
    failures = _imported(
        tmp_path, {"serves.py": LEFT[left], **MODULES}, "serves", "empty", python=str(interpreter(minor))
    )
    assert [failure.module for failure in failures] == ["empty"]


def test_what_ends_soon(tmp_path: Path) -> None:
    """What a module has still to do when all are imported is done."""
    source = (
        "import atexit, threading\n"
        "atexit.register(lambda: open('at-exit', 'w').close())\n"
        "threading.Timer(0.1, lambda: open('thread', 'w').close()).start()\n"
    )
    assert _imported(tmp_path, {"works.py": source}, "works") == ()
    assert (tmp_path / "at-exit").exists()
    assert (tmp_path / "thread").exists()


def test_what_a_module_finds_when_it_is_imported(tmp_path: Path) -> None:
    """Standard input is at its end, even where somebody could write there, and nothing beside the program is importable."""
    (tmp_path / "beside.py").touch()
    (tmp_path / "asks.py").write_text("input()\n", encoding="utf-8")
    (tmp_path / "names").write_text("beside asks", encoding="utf-8")
    program = PROGRAM.replace(
        "for name in names:", f"for name in names:\n    if name == 'asks': sys.path.append({str(tmp_path)!r})"
    )
    command = [sys.executable, "-I", "-c", program, "names", "answers", "60"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=tmp_path) as process:
        try:
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
    beside, asks = read_failures((tmp_path / "answers").read_text(encoding="utf-8").splitlines())
    assert beside.missing == "beside"
    assert asks.words.startswith("EOFError")


def test_an_answer_cut_short() -> None:
    """The interpreter may end in the middle of a line."""
    lines = [json.dumps(["start", "a"]), json.dumps(["done", "a"]), json.dumps(["start", "b"]), '["fai']
    assert [failure.module for failure in read_failures(lines)] == ["b"]
    assert read_failures(lines[:2]) == ()
    assert read_failures([]) == ()


@pytest.mark.parametrize(("minor", "module", "elsewhere"), [
    ("3.13", "winreg", True),
    ("3.9", "winreg", True),
    ("3.13", "cgi.deep", False),
    ("3.12", "distutils", False),
    ("3.10", "tomllib", False),
    ("3.12", "leaf", False),
])  # fmt: skip
@pytest.mark.skipif(sys.platform == "win32", reason="what Windows alone has")
def test_the_standard_library_of_another_platform(tmp_path: Path, minor: str, module: str, *, elsewhere: bool) -> None:
    """What this Python has on another platform is told from what it has nowhere any more, or not yet."""
    (failure,) = _imported(tmp_path, {"uses.py": f"import {module}\n"}, "uses", python=str(interpreter(minor)))
    assert failure.missing == module.partition(".")[0]
    assert failure.elsewhere is elsewhere
