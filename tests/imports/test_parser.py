"""Reading imports from source: what is found, and what keeps each from being needed."""

from __future__ import annotations

import ast
import os
import re
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wsnox.imports.parser import parse_files, read_imports
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.imports.parser import Import

LINUX = describe("3.11", "linux")


def _read(source: str, python: str = "3.11", platform: str = "linux") -> tuple[Import, ...]:
    imports = read_imports(textwrap.dedent(source).encode(), "a.py", describe(python, platform))
    assert imports is not None
    return imports


def _guards(source: str, python: str = "3.11", platform: str = "linux") -> dict[str, str]:
    return {imported.module: imported.guard for imported in _read(source, python, platform)}


CASES = """
--- every spelling is found, relative ones and the future are not
import a.b as c, d
from e.f import g, h as i
from . import j  # none
from .k import l  # none
from __future__ import m  # none

--- literals count wherever their function is bound by a usual import, variables and relative names do not
import importlib as il
from importlib import import_module as load
il.import_module("a.b")  # import
x = [load("c")]  # import
__import__("d")  # import
load(name), load(".e", "p"), load("not a name"), other("f")
lazily = lambda: load(name="g")  # import, lazy

--- a function runs later than its module, and so does a script; a class does not
def f():
    import a  # lazy
async def g():
    class B:
        import b  # lazy
class C:
    import c
if __name__ == "__main__":
    import d  # lazy

--- what the body of a try leads to is optional, the handler stands in for it, the end is ordinary
try:
    import a.b  # optional
except ImportError:
    import c  # fallback for a.b
else:
    import d  # optional
finally:
    import e

--- handlers of what imports nothing are ordinary, and so are those of other errors
try:
    run()
except Exception:
    import a
try:
    import b  # optional
except ValueError:
    import c
except ImportError: pass

--- the last of nested tries stands in for all before
try:
    import a  # optional
except ImportError:
    try:
        import b  # optional
    except ImportError:
        import c  # fallback for a b

--- a function runs outside of the try around it; in a handler it exists only where the body failed
try:
    import a  # optional
    def f():
        import b  # lazy
    class C:
        import c  # optional
except ImportError:
    def f():
        import d  # lazy, fallback for a c

--- suppressed and expected errors are handled, another error is not
with suppress(ImportError):
    import a  # optional
with contextlib.suppress(OSError, ImportError):
    import b  # optional
with pytest.raises(ImportError):
    import c  # optional
with suppress(OSError):
    import d

--- a test for absence makes one branch a fallback and the other one optional
if find_spec("x") is None:
    import a  # fallback for x
else:
    import b  # optional

--- importorskip spares the rest of the file, or of its function
import a.early
a = pytest.importorskip("a")  # import, optional
import a.late  # optional
def f():
    pytest.importorskip("b")  # import, lazy, optional
    import b.inside  # lazy, optional
def g():
    import b.outside  # lazy

--- a function may need what the module could do without
try:
    import a  # optional
except ImportError:
    a = None
def f():
    import a.x  # lazy, optional
    import b  # lazy
import a.y

--- each branch of a chain is judged
if sys.platform == 'win32':
    import a  # never
elif sys.version_info < (3, 11):
    import b  # never
else:
    import c

--- `platform` may be the string of `sys`
from sys import platform
if platform == 'win32':
    import a  # never

--- `platform` may be a module of the package's own
from .compat import platform  # none
if platform == 'win32':
    import a

--- a branch that is taken and leaves ends its block, as a false assertion does
import a
def f():
    if sys.version_info >= (3, 11):
        import b  # lazy
        return b
    import c  # lazy, never
assert sys.platform == "win32"
import d  # never

--- a lazy import is not made optional by an import that never runs at the top
if False:
    import a  # typing
def f():
    import a  # lazy
"""
# Sources, in which the comment behind an import says what is read of it.


def _cases() -> dict[str, str]:
    blocks = (block.partition("\n") for block in CASES.strip().removeprefix("--- ").split("\n--- "))
    return {title: source.strip("\n") for title, _, source in blocks}


@pytest.mark.parametrize("source", _cases().values(), ids=_cases())
def test_sources(source: str) -> None:
    """Each import is found at its line, with what keeps it from being needed."""
    expected: dict[int, str] = {}
    for number, line in enumerate(source.split("\n"), 1):
        code, _, comment = line.partition("  # ")
        if comment.startswith("import") or (comment != "none" and re.match(r"\s*(import|from) ", code)):
            expected[number] = re.sub("^import(, )?", "", comment)
    imports = {imported.line: _shown(imported) for imported in _read(source)}
    assert imports == expected


def _shown(imported: Import) -> str:
    instead = f" for {' '.join(imported.instead)}" if imported.instead else ""
    return ", ".join(filter(None, ("lazy" if imported.lazy else "", f"{imported.guard}{instead}")))


def test_modules_names_and_file() -> None:
    """``from a import b`` keeps both names, as ``b`` may be a module too."""
    imports = _read("import a.b as c, d\nfrom e.f import g, h as i")
    assert [(imported.module, imported.names, imported.file) for imported in imports] == [
        ("a.b", (), "a.py"), ("d", (), "a.py"), ("e.f", ("g", "h"), "a.py"),
    ]  # fmt: skip


@pytest.mark.parametrize("test", ["TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING", "False", "0", "MYPY"])
def test_only_type_checkers_see_it(test: str) -> None:
    """The branch of the constant is for type checkers, the other one runs; negated, the other way round."""
    text = "if {}:\n import a\nelse:\n import b\n"
    assert _guards(text.format(test)) == {"a": "typing", "b": ""}
    assert _guards(text.format(f"not {test}")) == {"a": "", "b": "typing"}
    assert _guards(text.format(f"{test} and unknown")) == {"a": "typing", "b": ""}
    assert _guards(text.format(f"{test} or unknown")) == {"a": "", "b": ""}


@pytest.mark.parametrize(
    ("handlers", "guard"),
    [
        *((f"except {caught}: pass", "optional") for caught in ("ImportError", "ModuleNotFoundError", "Exception")),
        *((f"except {caught}: pass", "optional") for caught in ("BaseException", "builtins.ImportError")),
        ("except (OSError, ImportError): pass", "optional"),
        ("except: pass", "optional"),
        ("except ImportError as error: raise SystemExit('install x') from error", "optional"),
        ("except ImportError: raise", ""),
        ("except ValueError: pass", ""),
        ("finally: pass", ""),
    ],
)
def test_which_handlers_guard(handlers: str, guard: str) -> None:
    """A friendly message is a way to handle it; to let the error pass, or to catch another, is not."""
    assert _guards(f"try:\n import a\n{handlers}") == {"a": guard}


@pytest.mark.parametrize(
    "test",
    [
        'find_spec("x")',
        'importlib.util.find_spec("x") is not None',
        'bool(find_spec("x")) and fast',
        '(spec := find_spec("x")) is not None',
        '"x" in sys.modules',
        "HAS_X",
        "FOUND",
        "x is not None",
    ],
)
def test_a_test_for_presence(test: str) -> None:
    """What stands below such a test, or below a name that keeps its answer, is optional."""
    before = 'HAS_X = find_spec("x") is not None\ntry:\n import x\n FOUND = True\nexcept ImportError:\n x = None\n FOUND = False\n'
    assert _guards(f"{before}if {test}:\n import a")["a"] == "optional"


@pytest.mark.parametrize(
    ("test", "guard"),
    [
        ("sys.version_info >= (3, 11)", "never"),
        ("sys.version_info[:2] == (3, 11)", "never"),
        ("(3, 8) < sys.version_info < (3, 12)", "never"),
        ("sys.version_info[0] == 3", "never"),
        ("sys.version_info.minor != 10", "never"),
        ("sys.hexversion >= 0x030B0000", "never"),
        ("sys.platform == 'linux'", "never"),
        ("sys.platform.startswith(('linux', 'freebsd'))", "never"),
        ("sys.platform in ('linux', 'darwin')", "never"),
        ("os.name != 'nt'", "never"),
        ("platform.system() == 'Linux'", "never"),
        ("platform.system().lower() == 'linux'", "never"),
        ("sys.implementation.name == 'cpython'", "never"),
        ("platform.python_implementation() == 'CPython'", "never"),
        ("not (unknown and WINDOWS)", "never"),
        ("not WINDOWS", "never"),
        ("unknown or not WINDOWS", "never"),
        ("six.PY3", "never"),
        ("sys.version_info >= limit", ""),
        ("sys.version_info >= 3", ""),
        ("sys.version_info[9]", ""),
        ("sys.platform.startswith(1)", ""),
        ("x.y.z()", ""),
    ],
)
def test_what_a_target_determines(test: str, guard: str) -> None:
    """The branch that the target does not take is dead; none is where only running tells, or where the test would fail."""
    before = "import sys, os, platform\nWINDOWS = sys.platform == 'win32'\n"
    guards = _guards(f"{before}if {test}:\n import a\nelse:\n import b")
    assert (guards["a"], guards["b"]) == ("", guard)


def test_other_targets() -> None:
    """The same source is read for the target that is asked about."""
    source = "if sys.platform == 'win32':\n import a\nelif sys.version_info < (3, 11):\n import b\nelse:\n import c"
    assert _guards(source, "3.10", "windows") == {"a": "", "b": "never", "c": "never"}
    assert _guards(source, "3.10", "macos") == {"a": "never", "b": "", "c": "never"}


@pytest.mark.parametrize(
    "source", [b"print 'two'", b"import a\x00", b"# coding: nonsense\n", b"(" * 500, b"x = '\xff'"]
)
def test_what_cannot_be_parsed(source: bytes) -> None:
    """A file with no import is told from one that cannot be read."""
    assert read_imports(source, "a.py", LINUX) is None
    assert read_imports(b"", "a.py", LINUX) == ()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and sockets")
def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A broken link, a folder and a pipe say nothing, odd bytes and broken syntax are named; the rest is read all the same."""
    (tmp_path / "broken.py").symlink_to("nowhere")
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "bytes.py").write_bytes(b"x = '\xff'\nimport leaf\n")
    (tmp_path / "two.py").write_text("print 'import leaf'\nimport leaf\n", encoding="utf-8")
    (tmp_path / "latin.py").write_bytes("# coding: latin-1\nimport leaf  # é\n".encode("latin-1"))
    (tmp_path / "bom.py").write_bytes(b"\xef\xbb\xbfimport leaf\r\n")
    (tmp_path / "mac.py").write_bytes(b"x = 1\rimport leaf\r")
    (tmp_path / "huge.py").write_text("x = [" + "1, " * 200_000 + "]\nimport leaf\n", encoding="utf-8")
    (tmp_path / "deep.py").write_text("x = " + "(" * 5000 + ")" * 5000 + "\nimport leaf\n", encoding="utf-8")
    parsed = parse_files(tmp_path, [*sorted(path.name for path in tmp_path.iterdir()), "absent.py"], LINUX)
    lines = {imported.file: imported.line for imported in parsed.imports}
    assert lines == {"latin.py": 2, "bom.py": 1, "mac.py": 2, "huge.py": 2}
    assert parsed.unparsed == ("bytes.py", "deep.py", "two.py")


@given(st.text() | st.binary().map(lambda content: content.decode("latin-1")))
@example("if " + "not " * 3000 + "x: import a")
@example("'\\d'\nimport a")
def test_no_text_is_an_error(text: str) -> None:
    """Whatever a file holds, it has imports by line, or it cannot be read."""
    imports = read_imports(text.encode("utf-8", "surrogatepass"), "a.py", LINUX)
    lines = [imported.line for imported in imports or ()]
    assert lines == sorted(lines)


def test_deep_nesting_ends() -> None:
    """The work grows with the source, not with each level of it."""
    levels = "".join(f"{' ' * depth}try:\n" for depth in range(18))
    ends = "".join(
        f"{' ' * depth}except ImportError:\n{' ' * depth} import b{depth}\n" for depth in reversed(range(18))
    )
    guards = _guards(f"{levels}{' ' * 18}import a\n{ends}")
    assert (guards["a"], guards["b1"], guards["b0"]) == ("optional", "optional", "fallback")
    chain = "".join(f"N{number + 1} = N{number} and N{number}\n" for number in range(200))
    assert _guards(f"N0 = 0\n{chain}if N200:\n import a") == {"a": ""}


_IMPORT = st.sampled_from(["import a", "import b.c", "from d import e", "pass"])
_FRAMES = (
    "if sys.platform == 'win32':\n{}",
    "if TYPE_CHECKING:\n{}",
    "try:\n{}\nexcept ImportError:\n    import f",
    "try:\n    import g\nexcept ImportError:\n{}",
    "def h():\n{}",
    "class I:\n{}",
    "with suppress(ImportError):\n{}",
)
_SOURCE = st.recursive(
    _IMPORT, lambda inner: st.tuples(st.sampled_from(_FRAMES), inner).map(lambda pair: _framed(*pair)), max_leaves=6
)


def _framed(frame: str, body: str) -> str:
    return frame.format(textwrap.indent(body, "    "))


@pytest.mark.slow
@given(_SOURCE)
def test_guards_nest(source: str) -> None:
    """A frame never takes away a guard, except that a function escapes a try; and what is dead stays dead."""
    ast.parse(source)
    alone = _read(source)
    never = _read(_framed("if sys.platform == 'win32':\n{}", source))
    handled = _read(_framed("with suppress(ImportError):\n{}", source))
    lazy = _read(_framed("def outer():\n{}", source))
    assert {imported.guard for imported in never} <= {"never", "typing"}
    assert all(imported.guard not in ("", "fallback") for imported in handled if not imported.lazy)
    assert [imported.guard for imported in handled if imported.lazy] == [
        imported.guard for imported in alone if imported.lazy
    ]
    assert all(imported.lazy for imported in lazy)
    assert [imported.module for imported in alone] == [imported.module for imported in lazy]
    assert [imported.module for imported in alone] == [imported.module for imported in never]
