"""``MEMBER:imports``: each module that is shipped is imported, and each import is declared."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.interpreters import path_with
from tests.sessions.running import Ran, distributions, nox, site_of, without_uv
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

A = MemberSpec("project-a", dependencies=["pyhumps"], modules={"project_a.py": "import humps\n"})
PACKAGE = "packages/project-b/src/project_b"


def _b(modules: Mapping[str, str], **more: Any) -> MemberSpec:
    """Return a member with these *modules* of the package ``project_b``."""
    files = {"__init__.py": "", **modules}
    return MemberSpec("project-b", modules={f"project_b/{name}": text for name, text in files.items()}, **more)


def _imports(root: Any, member: str = "project-b", **more: Any) -> Ran:
    return nox(root, "-s", f"{member}:imports", **more)


def _said(ran: Ran) -> list[str]:
    """Return the first lines of what is wrong, which there must be if and only if the session failed."""
    found = re.findall(r"^nox > (project-b (?:imports `|cannot import).*)", ran.said, re.MULTILINE)
    assert bool(found) is (ran.code == 1), ran.said
    assert "Traceback" not in ran.said, ran.said
    return found


def _failed(module: str, place: str, words: str) -> str:
    return f"project-b cannot import its module `{module}` ({place}): {words}"


def test_everything_is_declared(workspace: WorkspaceFactory) -> None:
    """The environment holds what a user gets, without any group; tests and ``__main__`` are not imported."""
    modules = {
        "a.py": "import humps\nfrom project_b import b\n",
        "b.py": "",
        "__main__.py": "raise SystemExit(1)\n",
        "tests/test_a.py": "import pytest\n",
        "conftest.py": "import pytest\n",
        "deep/space/c.py": "import project_a\n",
    }
    groups = {"dev": ["leaf"], "test": ["num"]}
    root = workspace(
        A, _b(modules, dependencies=["pyhumps", "project-a"], groups=groups), root_groups={"dev": ["marked"]}
    )
    ran = _imports(root)
    assert _said(ran) == []
    assert ran.line("project-b:imports: 4 ").endswith("modules imported, every import is declared")
    assert distributions(root, "project-b:imports") == {"pyhumps-3.8.0", "project_a-1.0", "project_b-1.0"}
    listed = nox(root, "-l").said
    assert "- project-b:imports" in listed
    assert "* project-b:imports" not in listed


def test_what_is_wrong(workspace: WorkspaceFactory) -> None:
    """All kinds in one run: each with its place; a module that fails for an import that is named is not named again."""
    modules = {
        "a.py": "import humps\n",
        "b.py": "\nimport project_b.a\n",
        "c.py": "import leaf\n",
        "d.py": "import num\n",
        "e.py": "def f():\n    raise ValueError('first\\nsecond')\n\n\nf()\n",
        "f.py": "import project_b.nowhere\n",
        "g.py": "raise SystemExit('no')\n",
        "h.py": "def (:\n",
        "i.py": "import nobody.at.all\n",
        "j.py": "from humps_of_nobody import x\n",
        "k.py": "from json import no_such_name\n",
    }
    root = workspace(A, _b(modules, dependencies=["flavoured"], groups={"dev": ["num"]}))
    said = _said(_imports(root))
    assert said[:5] == [
        f"project-b imports `num` ({PACKAGE}/d.py:1), which only its dependency group `dev` gives it",
        f"project-b imports `humps` ({PACKAGE}/a.py:1), which nothing in its locked closure provides",
        f"project-b imports `humps_of_nobody` ({PACKAGE}/j.py:1), which nothing in its locked closure provides",
        f"project-b imports `nobody` ({PACKAGE}/i.py:1), which nothing in its locked closure provides",
        f"project-b imports `leaf` ({PACKAGE}/c.py:1), which it does not declare",
    ]
    failing = [
        _failed("project_b.e", f"{PACKAGE}/e.py:2", "ValueError: first"),
        _failed("project_b.f", f"{PACKAGE}/f.py:1", "ModuleNotFoundError: No module named 'project_b.nowhere'"),
        _failed("project_b.g", f"{PACKAGE}/g.py:1", "SystemExit: no"),
    ]
    assert said[5:8] == failing
    assert said[8].startswith(f"project-b cannot import its module `project_b.h` ({PACKAGE}/h.py:1): SyntaxError: ")
    assert said[9].startswith(f"project-b cannot import its module `project_b.k` ({PACKAGE}/k.py:1): ImportError: ")
    assert len(said) == 10


def test_wheels(workspace: WorkspaceFactory) -> None:
    """What a built wheel has is imported; a failure is at the line of the source, not of the copy."""
    modules = {"a.py": "\n\nraise ValueError\n", "b.py": "import humps\n"}
    root = workspace(A, _b(modules), wsnox={"editable": False})
    said = _said(_imports(root))
    assert said[1:] == [_failed("project_b.a", f"{PACKAGE}/a.py:3", "ValueError")]
    assert (site_of(root, "project-b:imports") / "project_b" / "a.py").is_file()


def test_pip_alone(workspace: WorkspaceFactory, wheelhouse: Any) -> None:
    """Without uv the same is found; what pip is made of is nobody's dependency."""
    root = workspace(A, _b({"a.py": "import humps\n", "b.py": "import pip\n"}))
    env = {**without_uv(), "PIP_FIND_LINKS": str(wheelhouse)}
    said = _said(_imports(root, env=env))
    assert len(said) == 2
    assert said[0].startswith("project-b imports `humps`")
    assert said[1].startswith("project-b imports `pip`")


def test_python_39(workspace: WorkspaceFactory) -> None:
    """The oldest interpreter that a session may have runs the same program."""
    modules = {"a.py": "raise ValueError\n", "b.py": "import winreg\n", "c.py": "import humps\n"}
    a = MemberSpec("project-a", dependencies=["pyhumps"], requires_python=">=3.9")
    root = workspace(a, _b(modules, requires_python=">=3.9"), wsnox={"pythons": ["3.9"]})
    ran = nox(root, "-s", "project-b:imports-3.9", env={"PATH": path_with("3.9")})
    assert _said(ran) == [
        f"project-b imports `humps` ({PACKAGE}/c.py:1), which nothing in its locked closure provides",
        _failed("project_b.a", f"{PACKAGE}/a.py:1", "ValueError"),
    ]
    assert "not imported without `winreg`: project_b.b" in ran.said


def test_what_only_needs_more(workspace: WorkspaceFactory) -> None:
    """A module that needs an extra, or another platform, is named and no failure; an optional import is none at all."""
    modules = {
        "cli.py": "import leaf\n",
        "web.py": "from project_b import cli\nimport num\n",
        "windows.py": "import msvcrt\n",
        "registry.py": "import winreg\n",
        "typed.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import humps\n",
        "guarded.py": "try:\n    import humps\nexcept ImportError:\n    pass\n",
        "old.py": "import sys\nif sys.version_info < (3, 8):\n    import humps\n",
    }
    root = workspace(A, _b(modules, extras={"cli": ["leaf"], "web": ["num"]}))
    ran = _imports(root)
    assert _said(ran) == []
    lines = [line for line in ran.lines if "not imported" in line]
    if sys.platform != "win32":
        assert lines == [
            "project-b:imports: not imported without the extra `cli`: project_b.cli, project_b.web",
            "project-b:imports: not imported without `winreg`: project_b.registry",
            "project-b:imports: not imported without `msvcrt`: project_b.windows",
        ]
        assert "project-b:imports: 4 modules imported, every import is declared" in ran.lines


def test_an_extra_whose_modules_nobody_knows(workspace: WorkspaceFactory) -> None:
    """The extra is not installed here, so a module that its distributions may have is unsure, and no failure."""
    root = workspace(A, _b({"a.py": "import running\n"}, extras={"x": ["tool-with-script"]}))
    ran = _imports(root)
    assert _said(ran) == []
    assert "it is not known which distribution provides running" in ran.said
    assert "not imported without `running`: project_b.a" in ran.said


def test_what_python_no_longer_has(workspace: WorkspaceFactory) -> None:
    """A standard module that this Python has nowhere any more is a failure that every user would see."""
    root = workspace(
        MemberSpec("project-a"),
        _b({"a.py": "import distutils\n"}),
        wsnox={"pythons": ["3.12"]},
    )
    ran = nox(root, "-s", "project-b:imports-3.12", env={"PATH": path_with("3.12")})
    words = "ModuleNotFoundError: No module named 'distutils'"
    assert _said(ran) == [_failed("project_b.a", f"{PACKAGE}/a.py:1", words)]


def test_a_module_that_ends_the_interpreter(workspace: WorkspaceFactory) -> None:
    """That is all that can be said of it, and the reading goes on."""
    modules = {"a.py": "import os\nprint('so long', flush=True)\nos._exit(0)\n", "b.py": "import humps\n"}
    said = _said(_imports(workspace(A, _b(modules))))
    assert said[0].startswith("project-b imports `humps`")
    assert said[1:] == [
        _failed("project_b.a", f"{PACKAGE}/a.py", "it ended the interpreter, or took more than 300 seconds")
    ]


def test_a_namespace_of_two_members(workspace: WorkspaceFactory) -> None:
    """The part of a sibling is missing although the namespace is there."""
    one = MemberSpec("project-b", modules={"ns/b/__init__.py": "import ns.b\nfrom ns import a\n"})
    two = MemberSpec("project-a", modules={"ns/a/__init__.py": ""})
    ran = _imports(workspace(one, two))
    assert _said(ran) == [
        "project-b imports `ns.a` (packages/project-b/src/ns/b/__init__.py:2), which nothing in its locked closure provides"
    ]
    assert "hint: uv add --package project-b project-a" in ran.said


def test_the_root_project(workspace: WorkspaceFactory) -> None:
    """A failure is at its own line, not in the environment, which lies below the root too."""
    broken = "import humps\nhumps.no_such_name\n"
    root_project = MemberSpec(
        "project-b",
        dependencies=["pyhumps"],
        modules={
            "project_b/__init__.py": "",
            "project_b/a.py": broken,
            "project_b/b.py": "import humps\nhumps.camelize(1)\n",
        },
    )
    said = _said(_imports(workspace(MemberSpec("other"), root_project=root_project)))
    assert said == [
        _failed(
            "project_b.a", "src/project_b/a.py:2", "AttributeError: module 'humps' has no attribute 'no_such_name'"
        ),
        _failed("project_b.b", "src/project_b/b.py:2", "AttributeError: 'int' object has no attribute 'split'"),
    ]


def test_an_application(workspace: WorkspaceFactory) -> None:
    """There is nothing to import; its code is read."""
    app = MemberSpec(
        "project-b", build_system=False, modules={"main.py": "import helper\nimport humps\n", "helper.py": ""}
    )
    ran = _imports(workspace(A, app))
    assert _said(ran) == [
        "project-b imports `humps` (packages/project-b/src/main.py:2), which nothing in its locked closure provides"
    ]


def test_a_member_without_tests(workspace: WorkspaceFactory) -> None:
    """Its plain session says so and does the check; with its dev group installed a dev-only import is found all the same."""
    root = workspace(A, _b({"a.py": "import humps\n"}, groups={"dev": ["pyhumps"]}))
    ran = nox(root, "-s", "project-b", "project-a")
    assert ran.results == {"project-b": "aborted", "project-a": "success"}
    assert "project-b: no tests, so its imports are checked" in ran.lines
    assert _said(ran) == [
        f"project-b imports `humps` ({PACKAGE}/a.py:1), which only its dependency group `dev` gives it"
    ]
    assert "project-a: 1 module imported, every import is declared" in ran.lines


ALLOWANCES: list[tuple[dict[str, Any], bool]] = [
    ({"modules": ["humps"]}, True),
    ({"kinds": ["missing"], "members": ["project-b"]}, True),
    ({"kinds": ["transitive", "group"]}, False),
    ({"modules": ["humps"], "members": ["project-a"]}, False),
]


@pytest.mark.parametrize(("allowance", "allowed"), ALLOWANCES)
def test_allowed(workspace: WorkspaceFactory, allowance: dict[str, Any], *, allowed: bool) -> None:
    """What is allowed to be missing may also be missing when it is imported, here where nothing provides it."""
    allow = [{**allowance, "reason": "the host has it"}]
    root = workspace(A, _b({"a.py": "import humps\n"}), wsnox={"imports": {"allow": allow}})
    ran = _imports(root)
    assert (ran.code == 0) is allowed, ran.said
    assert ("not imported without `humps`: project_b.a" in ran.said) is allowed


def test_a_failing_module_that_is_allowed(workspace: WorkspaceFactory) -> None:
    """In the member's own table, by the name of the module and by its file."""
    allow = [
        {"kinds": ["failing"], "modules": ["project_b.a"], "reason": "a plugin of the host"},
        {"kinds": ["failing"], "files": ["src/project_b/b.py"], "reason": "a plugin of the host"},
    ]
    tool = {"wsnox": {"imports": {"allow": allow}}}
    modules = dict.fromkeys(("a.py", "b.py", "c.py"), "raise ValueError\n")
    assert _said(_imports(workspace(A, _b(modules, tool=tool)))) == [
        _failed("project_b.c", f"{PACKAGE}/c.py:1", "ValueError")
    ]


def test_annotations(workspace: WorkspaceFactory) -> None:
    """A failing module is annotated at its line, once."""
    root = workspace(A, _b({"a.py": "\nraise ValueError('a: b, c')\n"}))
    ran = _imports(root, env={"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(root)})
    errors = [line for line in ran.lines if line.startswith("::error")]
    start = (
        f"::error file={PACKAGE}/a.py,line=2,title=wsnox%3A project-b::project-b cannot import its module `project_b.a`"
    )
    assert errors[0].startswith(start)
    assert len([line for line in errors if "file=" in line]) == 1


def test_an_absence_that_is_noticed(workspace: WorkspaceFactory) -> None:
    """A module that says in its own words what it lacks is named, and does not fail."""
    says = "try:\n    import humps\nexcept ImportError as e:\n    raise ImportError('install it') from e\n"
    modules = {"member/__init__.py": "", "member/odd.py": says, "member/after.py": "import member.odd\n"}
    root = workspace(MemberSpec("other", dependencies=["pyhumps"]), MemberSpec("member", modules=modules))
    ran = nox(root, "-s", "member:imports")
    assert ran.code == 0, ran.said
    assert ran.line("member:imports: not imported") == (
        "member:imports: not imported without `humps`: member.after, member.odd"
    )


def test_modules_that_fail_in_one_line(workspace: WorkspaceFactory) -> None:
    """What a package's own file raises keeps all of its modules from being imported: that is one finding."""
    modules = {"member/__init__.py": "1 / 0\n", "member/a.py": "", "member/b.py": ""}
    ran = nox(workspace(MemberSpec("member", modules=modules)), "-s", "member:imports")
    assert ran.code == 1
    assert ran.line("member cannot import") == (
        "member cannot import its module `member` (packages/member/src/member/__init__.py:1): "
        "ZeroDivisionError: division by zero (and 2 more of its modules, for that)"
    )
