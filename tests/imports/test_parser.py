"""Reading imports from source: what is found, and what keeps each from being needed."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wsnox.imports.parser import read_imports
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from wsnox.imports.parser import Import

LINUX = describe("3.11", "linux")


def _read(source: str, python: str = "3.11", platform: str = "linux") -> tuple[Import, ...]:
    found = read_imports(textwrap.dedent(source).encode(), "a.py", describe(python, platform))
    assert found is not None
    return found


def _guards(source: str, python: str = "3.11", platform: str = "linux") -> dict[str, str]:
    return {each.module: each.guard for each in _read(source, python, platform)}


def test_every_spelling_of_an_import() -> None:
    """Absolute imports are found with their names and lines; relative ones, and the future, stay out."""
    found = _read(
        "import a.b as c, d\nfrom e.f import g, h as i\nfrom . import j\nfrom .k import l\nfrom __future__ import m"
    )
    assert [(each.module, each.names, each.line) for each in found] == [
        ("a.b", (), 1),
        ("d", (), 1),
        ("e.f", ("g", "h"), 2),
    ]
    assert {each.file for each in found} == {"a.py"}


def test_dynamic_imports_of_literals() -> None:
    """A literal is an import wherever its function is bound by a usual import; a variable or a relative name is none."""
    found = _read("""
        import importlib as il
        from importlib import import_module as load
        il.import_module("a.b")
        x = [load("c")]
        __import__("d")
        load(name), load(".e", "p"), load("not a name"), other("f")
        lazily = lambda: load(name="g")
    """)
    assert [(each.module, each.lazy) for each in found[2:]] == [("a.b", False), ("c", False), ("d", False), ("g", True)]


def test_what_runs_later_is_lazy() -> None:
    """A function runs later than its module, and so does a script; a class does not."""
    found = _read("""
        def f():
            import a
        async def g():
            class B:
                import b
        class C:
            import c
        if __name__ == "__main__":
            import d
    """)
    assert {each.module: each.lazy for each in found} == {"a": True, "b": True, "c": False, "d": True}


@pytest.mark.parametrize("test", ["TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING", "False", "0", "MYPY"])
def test_only_type_checkers_see_it(test: str) -> None:
    """The branch of the constant is for type checkers, the other one runs; negated, the other way round."""
    text = "if {}:\n import a\nelse:\n import b\n"
    assert _guards(text.format(test)) == {"a": "typing", "b": ""}
    assert _guards(text.format(f"not {test}")) == {"a": "", "b": "typing"}
    assert _guards(text.format(f"{test} and unknown")) == {"a": "typing", "b": ""}
    assert _guards(text.format(f"{test} or unknown")) == {"a": "", "b": ""}


@pytest.mark.parametrize(
    "caught",
    [
        "ImportError",
        "ModuleNotFoundError",
        "(OSError, ImportError)",
        "Exception",
        "BaseException",
        "builtins.ImportError",
    ],
)
def test_a_try_makes_its_body_optional_and_its_handler_a_fallback(caught: str) -> None:
    """The handler knows what it stands in for; what the body leads to in `else` is optional, `finally` is ordinary."""
    found = _read(f"""
        try:
            import a.b
        except {caught}:
            import c
        else:
            import d
        finally:
            import e
    """)
    assert [(each.module, each.guard, each.instead) for each in found] == [
        ("a.b", "optional", ()),
        ("c", "fallback", ("a.b",)),
        ("d", "optional", ()),
        ("e", "", ()),
    ]


@pytest.mark.parametrize(
    ("handlers", "guard"),
    [
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


def test_handlers_of_what_imports_nothing_are_ordinary() -> None:
    """Where no import can fail, the handler is no fallback; neither is that of another error."""
    source = "try:\n run()\nexcept Exception:\n import a\ntry:\n import b\nexcept ValueError:\n import c\nexcept ImportError: pass"
    assert _guards(source) == {"a": "", "b": "optional", "c": ""}


def test_nested_tries() -> None:
    """A second try in the handler is optional and fallback by its own; the last one stands in for all before."""
    found = _read("""
        try:
            import a
        except ImportError:
            try:
                import b
            except ImportError:
                import c
    """)
    assert [(each.guard, each.instead) for each in found] == [
        ("optional", ()),
        ("optional", ()),
        ("fallback", ("a", "b")),
    ]


def test_a_definition_is_not_guarded_by_a_try_around_it() -> None:
    """The function runs later, outside of the try; in the handler it exists only where the body failed."""
    source = """
        try:
            import a
            def f():
                import b
            class C:
                import c
        except ImportError:
            def f():
                import d
    """
    assert _guards(source) == {"a": "optional", "b": "", "c": "optional", "d": "fallback"}


@pytest.mark.parametrize(
    "shield", ["suppress(ImportError)", "contextlib.suppress(OSError, ImportError)", "pytest.raises(ImportError)"]
)
def test_a_suppressed_error_is_handled(shield: str) -> None:
    """`suppress` is a try without a handler; another error that it names is no matter."""
    assert _guards(f"with {shield}:\n import a") == {"a": "optional"}
    assert _guards("with suppress(OSError):\n import a") == {"a": ""}


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


def test_a_test_for_absence() -> None:
    """Where the module is missing the branch is a fallback for it, and the other branch optional."""
    found = _read('if find_spec("x") is None:\n import a\nelse:\n import b')
    assert [(each.guard, each.instead) for each in found] == [("fallback", ("x",)), ("optional", ())]


def test_importorskip_spares_what_follows() -> None:
    """At the top it spares the rest of the file, in a function the rest of the function; before it, nothing."""
    source = """
        import a.early
        a = pytest.importorskip("a")
        import a.late
        def f():
            pytest.importorskip("b")
            import b.inside
        def g():
            import b.outside
    """
    assert _guards(source) == {
        "a.early": "", "a": "optional", "a.late": "optional", "b": "optional", "b.inside": "optional", "b.outside": "",
    }  # fmt: skip


def test_a_lazy_import_of_what_was_optional() -> None:
    """A function that needs what the module could do without is reached behind a flag; one of another module is not."""
    source = "try:\n import a\nexcept ImportError:\n a = None\ndef f():\n import a.x\n import b\nimport a.y"
    assert _guards(source) == {"a": "optional", "a.x": "optional", "b": "", "a.y": ""}


@pytest.mark.parametrize(
    "test",
    [
        "sys.version_info >= (3, 11)",
        "sys.version_info[:2] == (3, 11)",
        "(3, 8) < sys.version_info < (3, 12)",
        "sys.version_info[0] == 3",
        "sys.version_info.minor != 10",
        "sys.hexversion >= 0x030B0000",
        "sys.platform == 'linux'",
        "sys.platform.startswith(('linux', 'freebsd'))",
        "sys.platform in ('linux', 'darwin')",
        "os.name != 'nt'",
        "platform.system() == 'Linux'",
        "platform.system().lower() == 'linux'",
        "sys.implementation.name == 'cpython'",
        "platform.python_implementation() == 'CPython'",
        "not (unknown and WINDOWS)",
        "not WINDOWS",
        "unknown or not WINDOWS",
        "six.PY3",
    ],
)
def test_what_a_target_determines(test: str) -> None:
    """The branch that the target does not take is dead, the other one is live."""
    before = "import sys, os, platform\nWINDOWS = sys.platform == 'win32'\n"
    found = _guards(f"{before}if {test}:\n import a\nelse:\n import b")
    assert (found["a"], found["b"]) == ("", "never")


@pytest.mark.parametrize(
    "test",
    [
        "sys.version_info >= limit",
        "sys.version_info >= 3",
        "sys.version_info[9]",
        "sys.platform.startswith(1)",
        "x.y.z()",
    ],
)
def test_what_nobody_knows_is_live(test: str) -> None:
    """Neither branch of a condition that only running tells, or that would fail, is dead."""
    assert _guards(f"if {test}:\n import a\nelse:\n import b") == {"a": "", "b": ""}


def test_elif_and_other_targets() -> None:
    """Each branch of a chain is judged for the target that is asked about."""
    source = "if sys.platform == 'win32':\n import a\nelif sys.version_info < (3, 11):\n import b\nelse:\n import c"
    assert _guards(source, "3.10", "windows") == {"a": "", "b": "never", "c": "never"}
    assert _guards(source, "3.10", "macos") == {"a": "never", "b": "", "c": "never"}
    assert _guards(source) == {"a": "never", "b": "never", "c": ""}


def test_imported_names_are_followed() -> None:
    """`platform` may be the string of `sys` or a module; a module of the package's own is neither."""
    text = "{}\nif platform == 'win32':\n import a"
    assert _guards(text.format("from sys import platform"))["a"] == "never"
    assert _guards(text.format("from .compat import platform"))["a"] == ""


def test_what_follows_a_false_assertion_is_dead() -> None:
    """Mypy's idiom ends the block that it stands in, as a branch does that is taken and leaves."""
    source = """
        import a
        def f():
            if sys.version_info >= (3, 11):
                import b
                return b
            import c
        assert sys.platform == "win32"
        import d
    """
    assert _guards(source) == {"a": "", "b": "", "c": "never", "d": "never"}
    assert _guards(source, "3.10", "windows") == {"a": "", "b": "never", "c": "", "d": ""}


@pytest.mark.parametrize(
    "source", [b"print 'two'", b"import a\x00", b"# coding: nonsense\n", b"(" * 500, b"x = '\xff'"]
)
def test_what_cannot_be_parsed(source: bytes) -> None:
    """The caller is told apart what holds no import from what could not be read."""
    assert read_imports(source, "a.py", LINUX) is None
    assert read_imports(b"", "a.py", LINUX) == ()


def test_coding_cookies_count() -> None:
    """The encoding that a file names is the one that its names are read in."""
    source = "# coding: latin-1\nimport é".encode("latin-1")
    assert [each.module for each in read_imports(source, "a.py", LINUX) or ()] == ["é"]


@given(st.text() | st.binary().map(lambda content: content.decode("latin-1")))
@example("if " + "not " * 3000 + "x: import a")
@example("'\\d'\nimport a")
def test_no_text_is_an_error(text: str) -> None:
    """Whatever a file holds, it has imports by line, or it cannot be read."""
    found = read_imports(text.encode("utf-8", "surrogatepass"), "a.py", LINUX)
    assert found is None or [each.line for each in found] == sorted(each.line for each in found)


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


def test_deep_nesting_ends() -> None:
    """The work grows with the source, not with each level of it."""
    levels = "".join(f"{' ' * depth}try:\n" for depth in range(18))
    ends = "".join(
        f"{' ' * depth}except ImportError:\n{' ' * depth} import b{depth}\n" for depth in reversed(range(18))
    )
    found = _guards(f"{levels}{' ' * 18}import a\n{ends}")
    assert (found["a"], found["b1"], found["b0"]) == ("optional", "optional", "fallback")
    chain = "".join(f"N{each + 1} = N{each} and N{each}\n" for each in range(200))
    assert _guards(f"N0 = 0\n{chain}if N200:\n import a") == {"a": ""}


@pytest.mark.slow
@given(_SOURCE)
def test_guards_nest(source: str) -> None:
    """A frame never takes away a guard, except that a function escapes a try; and what is dead stays dead."""
    ast.parse(source)
    alone = _read(source)
    never = _read(_framed("if sys.platform == 'win32':\n{}", source))
    handled = _read(_framed("with suppress(ImportError):\n{}", source))
    lazy = _read(_framed("def outer():\n{}", source))
    assert {each.guard for each in never} <= {"never", "typing"}
    assert all(each.guard not in ("", "fallback") for each in handled if not each.lazy)
    assert [each.guard for each in handled if each.lazy] == [each.guard for each in alone if each.lazy]
    assert all(each.lazy for each in lazy)
    assert [each.module for each in alone] == [each.module for each in lazy] == [each.module for each in never]
