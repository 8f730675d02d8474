"""``wsnox list``: the table, who narrows the range, and what is refused."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import LINUX, Wsnox
from tests.sessions.running import nox
from tests.support.terminals import at_terminal
from tests.support.workspaces import MemberSpec
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

RAISED = "`uv.lock` is for Python `>=3.11`: `project-b` raised the floor to `3.11`\n"


def test_text(wsnox: Wsnox) -> None:
    """A row a member, then who raised the floor."""
    said = wsnox("list", *LINUX)
    assert (said.code, said.err) == (0, "")
    assert (
        said.out
        == f"""\
member     size  requires-python  path                source   extras  groups
project-a  7     >=3.10           packages/project-a           loud    dev, test
project-b  7     >=3.11           packages/project-b           -       -
script     1     >=3.10           packages/script     virtual  -       -

session            pythons  size  default  installs     runs
project-a          -        7     yes                   (checks imports)
project-b          -        7     yes                   (checks imports)
script             -        1     yes                   (checks imports)
workspace          -        9     no       all members  (installs only)
project-a:imports  -        6     no                    (checks imports)
project-b:imports  -        7     no                    (checks imports)
script:imports     -        1     no                    (checks imports)

{RAISED}"""
    )


def test_out_of_range(wsnox: Wsnox) -> None:
    """A dash where there is no closure, and one line with the reason."""
    said = wsnox("list", "--python", "3.10")
    assert said.code == 0
    assert (
        said.out
        == f"""\
member     size  requires-python  path                source   extras  groups
project-a  -     >=3.10           packages/project-a           loud    dev, test
project-b  -     >=3.11           packages/project-b           -       -
script     -     >=3.10           packages/script     virtual  -       -

session            pythons  size  default  installs     runs
project-a          3.11     7     yes                   (checks imports)
project-b          3.11     7     yes                   (checks imports)
script             3.11     1     yes                   (checks imports)
workspace          3.11     9     no       all members  (installs only)
project-a:imports  3.11     6     no                    (checks imports)
project-b:imports  3.11     7     no                    (checks imports)
script:imports     3.11     1     no                    (checks imports)

{RAISED}no closure for any member: Python `3.10.0` is outside `>=3.11`, which the lockfile requires
"""
    )


def test_json(wsnox: Wsnox, shop: Path) -> None:
    """JSON has everything of the table."""
    said = wsnox("list", "--json", *LINUX)
    common: dict[str, Any] = {"reason": None, "extras": [], "groups": []}
    listed = json.loads(said.out)
    assert [session["name"] for session in listed.pop("sessions")] == [
        *("project-a", "project-b", "script", "workspace"),
        *("project-a:imports", "project-b:imports", "script:imports"),
    ]
    assert listed == {
        "version": 1,
        "left_out": [],
        "other_sessions": [],
        "root": shop.as_posix(),
        "requires_python": ">=3.11",
        "narrowed_by": [{"member": "project-b", "end": "floor", "bound": "3.11"}],
        "target": dict(describe("3.12", "linux").values),
        "members": [
            {
                **common,
                "name": "project-a",
                "path": "packages/project-a",
                "requires_python": ">=3.10",
                "source": {"kind": "editable", "path": "packages/project-a"},
                "extras": ["loud"],
                "groups": ["dev", "test"],
                "size": 7,
            },
            {
                **common,
                "name": "project-b",
                "path": "packages/project-b",
                "requires_python": ">=3.11",
                "source": {"kind": "editable", "path": "packages/project-b"},
                "size": 7,
            },
            {
                **common,
                "name": "script",
                "path": "packages/script",
                "requires_python": ">=3.10",
                "source": {"kind": "virtual", "path": "packages/script"},
                "size": 1,
            },
        ],
    }


def test_many_extras_ceilings_and_refused_members(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A pipe gets all extras; a member whose own default groups conflict has no closure."""
    clash = {"conflicts": [[{"group": "one"}, {"group": "two"}]], "default-groups": ["one", "two"]}
    root = workspace(
        MemberSpec("big", extras={f"e{at}": [] for at in range(7)}, requires_python=">=3.10,<3.14"),
        MemberSpec("clash", groups={"one": ["num==1.0"], "two": ["num==2.0"]}, tool={"uv": clash}, requires_python=""),
        root_project=MemberSpec("whole", requires_python="~=3.10", extras={f"e{at}": [] for at in range(5)}),
    )
    said = wsnox("list", *LINUX, root=root)
    assert (
        said.out
        == """\
member  size  requires-python  path            extras                      groups
big     1     >=3.10,<3.14     packages/big    e0, e1, e2, e3, e4, e5, e6  -
clash   -     -                packages/clash  -                           one, two
whole   1     ~=3.10           .               e0, e1, e2, e3, e4          -

session        pythons  size  default  installs     runs
big            -        1     yes                   (checks imports)
clash          -        -     yes                   (checks imports)
whole          -        1     yes                   (checks imports)
workspace      -        -     no       all members  (installs only)
big:imports    -        1     no                    (checks imports)
clash:imports  -        1     no                    (checks imports)
whole:imports  -        1     no                    (checks imports)

`uv.lock` is for Python `>=3.10, <3.14`: `big`, `whole` raised the floor to `3.10`
`uv.lock` is for Python `>=3.10, <3.14`: `big` lowered the ceiling to `3.14`
no closure for `clash`: `clash:one` and `clash:two` are incompatible with the declared conflict {clash:one, clash:two}
"""
    )


def test_member_that_is_not_locked(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A member added since the last ``uv lock`` has no source, and nobody has a closure."""
    root = workspace(MemberSpec("app"), patterns=["packages/*"])
    workspace(MemberSpec("app"), MemberSpec("new"), patterns=["packages/*"], locked=False)
    said = wsnox("list", *LINUX, root=root)
    assert (
        said.out
        == """\
member  size  requires-python  path          source  extras  groups
app     -     >=3.10           packages/app          -       -
new     -     >=3.10           packages/new  -       -       -

session      pythons  size  default  installs     runs
app          -        -     yes                   (checks imports)
new          -        -     yes                   (checks imports)
workspace    -        -     no       all members  (installs only)
app:imports  -        -     no                    (checks imports)
new:imports  -        -     no                    (checks imports)

no closure for any member: member `new` has no package in `uv.lock`
"""
    )


MATRIX = {
    "pythons": ["3.10", "3.11", "3.12"],
    "root-groups": ["lint"],
    "tasks": {
        "types": {"commands": [["mypy", "{posargs:a b}", "{root}"]], "members": ["a"], "tags": ["slow"]},
        "slow": {"commands": ["python -c 'a long command that nobody wants to read in a table'"], "default": False},
    },
    "integration": {
        "pair": {"packages": ["a[x]", "b"], "pythons": ["pypy3.11", "graalpy3.11"]},
        "tidy": {
            "packages": [],
            "groups": ["ci"],
            "commands": ["leaf"],
            "directory": "docs",
            "before": ["b"],
            "after": ["a"],
            "background": [{"command": "s"}],
        },
    },
}


@pytest.fixture
def matrix(workspace: WorkspaceFactory) -> Path:
    """Return a workspace with everything that a table of sessions can show."""
    return workspace(
        MemberSpec(
            "a",
            extras={"x": ["num==1.0"], "y": ["num==2.0", "marked"]},
            groups={"dev": ["leaf"]},
            tool={
                "wsnox": {"extras": {"old": ["x"], "new": ["y"]}, "groups": ["dev"]},
            },
        ),
        MemberSpec("b", requires_python=">=3.11", tool={"wsnox": {"skip": "needs a device"}}),
        MemberSpec("c", tests={"test_c.py": ""}),
        root_groups={"lint": ["backported"], "ci": ["leaf"]},
        uv={"conflicts": [[{"package": "a", "extra": "x"}, {"package": "a", "extra": "y"}]]},
        wsnox=MATRIX,
    )


def test_sessions(matrix: Path, wsnox: Wsnox) -> None:
    """What each session installs and runs, its Pythons and sizes, then what was left out and why."""
    said = wsnox("list", *LINUX, root=matrix)
    assert (said.code, said.err) == (0, "")
    _, sessions, notes = said.out.split("\n\n")
    assert (
        sessions
        == """\
session       pythons                size  default  tags  installs                runs
a(old)        3.11, 3.12             4     yes            a[x]:dev, root:lint     (checks imports)
a(new)        3.11, 3.12             5     yes            a[y]:dev, root:lint     (checks imports)
b             3.11, 3.12             2     skip           b, root:lint            -
c             3.11, 3.12             2     yes            c, root:lint            fails
a:types(old)  3.11, 3.12             4     yes      slow  a[x]:dev, root:lint     mypy {posargs:a b} {root}
a:types(new)  3.11, 3.12             5     yes      slow  a[y]:dev, root:lint     mypy {posargs:a b} {root}
a:slow(old)   3.11, 3.12             4     no             a[x]:dev, root:lint     python -c 'a long command that nobody wants to read in a table'
a:slow(new)   3.11, 3.12             5     no             a[y]:dev, root:lint     python -c 'a long command that nobody wants to read in a table'
b:slow        3.11, 3.12             2     skip           b, root:lint            python -c 'a long command that nobody wants to read in a table'
c:slow        3.11, 3.12             2     no             c, root:lint            python -c 'a long command that nobody wants to read in a table'
pair          pypy3.11, graalpy3.11  5, -  yes            a[x]:dev, b, root:lint  (installs only)
tidy          3.11, 3.12             1     yes            root:ci                 b; s &; leaf; a
workspace     3.11, 3.12             5     no             a:dev, b, c, root:lint  (installs only)
a:imports     3.11                   1     no                                     (checks imports)
b:imports     3.11                   1     skip                                   -
c:imports     3.11                   1     no                                     (checks imports)"""
    )
    assert notes.splitlines() == [
        "`uv.lock` is for Python `>=3.11`: `b` raised the floor to `3.11`",
        "no session on Python `3.10` for `a`, `b`, `c`, `a:types`, +5: `b` raised the floor to `3.11`",
        "skipped: `b`, `b:slow`, `b:imports`: needs a device",
        "no closure for session `pair-graalpy3.11`: `graalpy3.11` cannot be identified without running it",
        "fails: `tests` of `c` holds tests, but its closure has no pytest: `uv add --package c --dev pytest`",
    ]


def test_sessions_in_json(matrix: Path, wsnox: Wsnox) -> None:
    """JSON has each session in full, with the names that `nox -s` takes, and what was left out."""
    data = json.loads(wsnox("list", "--json", *LINUX, root=matrix).out)
    sessions = {(row["name"], row["variant"]): row for row in data["sessions"]}
    assert sessions["a:types", "old"] == {
        "name": "a:types",
        "kind": "task",
        "variant": "old",
        "description": "types in packages/a",
        "members": [{"name": "a", "path": "packages/a", "extras": ["x"], "groups": ["dev"]}],
        "root_groups": ["lint"],
        "root_default_groups": False,
        "resolution": None,
        "editable": True,
        "directory": "packages/a",
        "pythons": ["3.11", "3.12"],
        "runs": [
            {"session": "a:types-3.11(old)", "python": "3.11", "size": 4, "reason": None},
            {"session": "a:types-3.12(old)", "python": "3.12", "size": 4, "reason": None},
        ],
        "default": True,
        "skip": None,
        "tags": ["member", "a", "types", "slow"],
        "requires": [],
        "env": {},
        "commands": [["mypy", "{posargs:a b}", "{root}"]],
        "commands_configured": True,
        "commands_before": [],
        "background": [],
        "commands_after": [],
        "function": False,
        "checks_imports": False,
        "problem": None,
    }
    assert sessions["b", None]["skip"] == "needs a device"
    assert sessions["c", None]["problem"].startswith("`tests` of `c` holds tests")
    tidy = sessions["tidy", None]
    assert (tidy["members"], tidy["root_groups"], tidy["directory"]) == ([], ["ci"], "docs")
    assert sessions["workspace", None]["members"][0] == {
        "name": "a",
        "path": "packages/a",
        "extras": [],
        "groups": ["dev"],
    }
    assert data["left_out"] == [
        {
            "python": "3.10",
            "session_names": ["a", "b", "c", "a:types", "a:slow", "b:slow", "c:slow", "tidy", "workspace"],
            "reason": "`b` raised the floor to `3.11`",
        }
    ]


def test_sessions_are_those_of_nox(matrix: Path, wsnox: Wsnox) -> None:
    """What is listed as default is what nox would run, name by name."""
    data = json.loads(wsnox("list", "--json", root=matrix).out)
    listed = [run["session"] for row in data["sessions"] if row["default"] for run in row["runs"]]
    assert sorted(listed) == sorted(row["session"] for row in json.loads(nox(matrix, "--json", "-l").said))


FUNCTIONS = """\
import nox
import wsnox

wsnox.sessions()
wsnox.coverage()

@nox.session(default=False)
def docs(session):
    '''Build the documents.'''

@nox.session(python=["3.11", "3.12"], tags=["static"])
def lint(session):
    pass

@wsnox.member(members=["a"], groups=["dev"], extras=[["x"], ["y"]], default=False)
def fix(session, member):
    pass

@wsnox.integration(packages=[], groups=["ci"])
def ci(session, members):
    pass
"""


def test_functions_of_the_noxfile(matrix: Path, wsnox: Wsnox) -> None:
    """Every session that `nox -l` shows is listed; of those that wsnox decorates, with what they install."""
    (matrix / "noxfile.py").write_text(FUNCTIONS, encoding="utf-8")
    data = json.loads(wsnox("list", "--json", root=matrix).out)
    listed = [run["session"] for row in data["sessions"] for run in row["runs"]]
    for row in data["other_sessions"]:
        listed += [f"{row['name']}-{python}" for python in row["pythons"]] or [row["name"]]
    shown = [line.split(" ")[1] for line in nox(matrix, "-l").said.splitlines() if line.startswith(("* ", "- "))]
    assert sorted(listed) == sorted(shown)
    lines = wsnox("list", *LINUX, root=matrix).out.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if "(noxfile.py)" in line}
    assert rows == {
        "a:fix(x)": ["3.11,", "3.12", "4", "no", "a[x]:dev,", "root:lint", "(noxfile.py)"],
        "a:fix(y)": ["3.11,", "3.12", "5", "no", "a[y]:dev,", "root:lint", "(noxfile.py)"],
        "ci": ["3.11,", "3.12", "1", "yes", "root:ci", "(noxfile.py)"],
        "coverage": ["-", "-", "no", "-", "(noxfile.py)"],
        "docs": ["-", "-", "no", "-", "(noxfile.py)"],
        "lint": ["3.11,", "3.12", "-", "yes", "static", "-", "(noxfile.py)"],
    }


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            "raise SystemExit('no')\n",
            "note: sessions that the noxfile defines itself are not among these: nox cannot list ",
        ),
        (
            "import wsnox\n",
            "note: not registered by the noxfile, which may not call `wsnox.sessions()`: `app`, `app:imports`, `workspace`\n",
        ),
        (
            "import nox\n\n@nox.session\ndef docs(session):\n    pass\n",
            "note: not registered by the noxfile, which may not call `wsnox.sessions()`: `app`, `app:imports`, `workspace`\n",
        ),
    ],
    ids=["broken", "never called", "without sessions"],
)
def test_a_noxfile_that_does_not_have_them(workspace: WorkspaceFactory, wsnox: Wsnox, text: str, note: str) -> None:
    """What cannot be listed, and what nox does not know, is said; the rest is listed."""
    root = workspace(MemberSpec("app"))
    (root / "noxfile.py").write_text(text, encoding="utf-8")
    said = wsnox("list", *LINUX, root=root)
    assert (said.code, said.err[: len(note)]) == (0, note)
    assert "app:imports" in said.out


def test_tasks_that_run_nothing(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """The table of a task that only a member has, without commands, is for a function; where there is none, that is said."""
    tasks = {"types": {"groups": ["dev"]}, "docs": {"groups": ["dev"]}, "shared": {"default": False}, "imports": {}}
    member = MemberSpec("app", groups={"dev": []}, tool={"wsnox": {"tasks": tasks}})
    root = workspace(member, wsnox={"tasks": {"shared": {"commands": ["x"]}}})
    noxfile = "import wsnox\n\nwsnox.sessions()\n\n\n@wsnox.member\ndef docs(session, member):\n    pass\n"
    (root / "noxfile.py").write_text(noxfile, encoding="utf-8")
    said = wsnox("list", *LINUX, root=root)
    assert (said.code, said.err) == (0, "note: no `commands`, and no function of the noxfile, for `app:types`\n")


def test_first_release_of_a_minor_version(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A minor version means its first release that the lockfile is for; what lies above the ceiling is left out."""
    root = workspace(
        MemberSpec("a", requires_python=">=3.11.4,<3.13", dependencies=["num ; python_full_version >= '3.11.4'"]),
        MemberSpec("b", tests={"test_b.py": ""}, requires_python=""),
        wsnox={"pythons": ["3.11", "3.13"]},
    )
    data = json.loads(wsnox("list", "--json", "--python", "3.12", root=root).out)
    assert [row["runs"][0]["size"] for row in data["sessions"][:3]] == [2, 1, 3]
    assert [(row["python"], row["reason"]) for row in data["left_out"]] == [
        ("3.13", "`a` lowered the ceiling to `3.13`")
    ]


def test_requires_python_leaves_nothing_out(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Where the matrix is what the range has, nothing is missing; a shared bound is nobody's."""
    root = workspace(MemberSpec("a"), wsnox={"pythons": "requires-python"})
    assert json.loads(wsnox("list", "--json", root=root).out)["left_out"] == []
    (root / "packages/a/pyproject.toml").write_text(
        (root / "packages/a/pyproject.toml").read_text(encoding="utf-8") + '\n[tool.wsnox]\npythons = ["3.9"]\n',
        encoding="utf-8",
    )
    said = wsnox("list", root=root)
    assert "no session on Python `3.9` for `a`: the lockfile is for Python `>=3.10`\n" in said.out


@pytest.mark.parametrize(
    ("members", "installs"),
    [
        (["*"], "all members"),
        (["a[x]", "b[x,y]"], "all members[x,y]"),
        (["a[x]", "b[y]"], "a[x], b[y]"),
        (["a[x]", "b"], "a[x], b"),
    ],
)
def test_all_members(workspace: WorkspaceFactory, wsnox: Wsnox, members: list[str], installs: str) -> None:
    """All of them are told in two words if each has what it knows of the same extras, however many there are."""
    a, b = MemberSpec("a", extras={"x": []}), MemberSpec("b", extras={"x": [], "y": []})
    root = workspace(a, b, wsnox={"integration": {"both": {"packages": members}}})
    (row,) = (line for line in wsnox("list", *LINUX, root=root).out.splitlines() if line.startswith("both "))
    assert f"  {installs}  " in row


@pytest.mark.skipif(sys.platform == "win32", reason="it has no pseudo-terminals")
def test_at_a_terminal(workspace: WorkspaceFactory) -> None:
    """A line for each row fits sixty columns, with colours; what all members alike have is told once."""
    root = workspace(*(MemberSpec(f"member-{at}", extras={f"e{n}": [] for n in range(7)}) for at in range(5)))
    shown = at_terminal([sys.executable, "-m", "wsnox", "list", *LINUX], cwd=root, columns=60)
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown).splitlines()
    assert "\x1b[36mmember-0\x1b[0m" in shown
    assert max(map(len, lines[: lines.index("")])) <= 60
    assert lines[:3] == [
        "member    size  requires-python  path",
        "member-0  1     >=3.10           packages/member-0",
        "  extras  e0, e1, e2, e3, +3",
    ]
    assert lines[-1] == "and 5 sessions `MEMBER:imports`, which check imports: `nox -t imports`"


def test_many_members_that_cannot_run_their_tests(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """The first few are told, and how many more there are."""
    root = workspace(*(MemberSpec(f"m{at}", tests={"test_m.py": ""}) for at in range(6)))
    notes = wsnox("list", *LINUX, root=root).out.split("\n\n")[-1].splitlines()
    assert [note.partition(":")[0] for note in notes] == ["fails"] * 5
    assert notes[-1] == "fails: and 2 more, for the like reason"
