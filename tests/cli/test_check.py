"""``wsnox check``: the lockfile, the sessions and the imports of a workspace, without installing anything."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import tomli_w

from tests.cli.conftest import LINUX, Said, Wsnox
from tests.environment.makers import plant
from tests.sessions.running import write_noxfile
from tests.support.wheels import Wheel
from tests.support.workspaces import MemberSpec, write_member

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

A = MemberSpec("project-a", dependencies=["pyhumps"])
INSTALLED = (
    Wheel("pyhumps", "3.8.0", modules={"humps.py": ""}),
    Wheel("leaf", "2.1", modules={"leaf/__init__.py": ""}),
    *(Wheel(name, "1.0") for name in ("flavoured", "num", "speedups", "marked", "winonly", "backported")),
)


def _b(source: str, **more: Any) -> MemberSpec:
    return MemberSpec("project-b", modules={"project_b.py": source}, **more)


def _found(said: Said) -> list[tuple[str, str, str]]:
    """Return member, kind and module of each finding in what was said as JSON."""
    return [(finding["member"], finding["kind"], finding["module"]) for finding in json.loads(said.out)["findings"]]


def _installed(root: Path) -> None:
    """Put the metadata of the standard wheels into the environment of uv, which then tells who has which module."""
    for wheel in INSTALLED:
        plant(root / ".venv/lib/python3.12/site-packages", wheel)


def test_clean(wsnox: Wsnox) -> None:
    """Nothing is printed where nothing is wrong, but how many members were looked at."""
    assert wsnox("check", *LINUX) == Said(
        0, "", "for Python 3.12.0 on Linux x86_64\n3 members checked: nothing found\n"
    )
    data = json.loads(wsnox("check", "--json", *LINUX).out)
    assert [member["name"] for member in data.pop("members")] == ["project-a", "project-b", "script"]
    assert data.pop("target")["python_version"] == "3.12"
    assert (data.pop("version"), data.pop("session")) == (1, None)
    assert not any(data.values())


def test_findings(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Each is said with its place, its owner and the fix; the exit code tells that there are some."""
    b = _b("import humps\nimport leaf\nimport num\n", dependencies=["flavoured"], groups={"check": ["num"]})
    root = workspace(A, b)
    _installed(root)
    said = wsnox("check", *LINUX, root=root)
    place = "packages/project-b/src/project_b.py"
    assert said.out.splitlines() == [
        f"project-b imports `num` ({place}:3), which only its dependency group `check` gives it",
        "  provided by num 2.0, declared by project-b",
        "  hint: uv add --package project-b num",
        f"project-b imports `humps` ({place}:1), which nothing in its locked closure provides",
        "  provided by pyhumps 3.8.0, declared by project-a",
        "  hint: uv add --package project-b pyhumps",
        f"project-b imports `leaf` ({place}:2), which it does not declare",
        "  provided by leaf 2.1, through project-b -> flavoured -> leaf",
        "  hint: uv add --package project-b leaf",
        "together: uv add --package project-b leaf num pyhumps",
    ]
    assert (said.code, said.err) == (1, "for Python 3.12.0 on Linux x86_64\n2 members checked: 3 problems\n")


HARMLESS = {
    "caught": "try:\n    import humps\nexcept ImportError:\n    humps = None\n",
    "checked": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import humps\n",
    "version": "import sys\nif sys.version_info < (3, 9):\n    import humps\n",
    "platform": "import sys\nif sys.platform == 'win32':\n    import humps\n",
    "standard": "import winreg, msvcrt, tomllib, distutils\n",
    "own": "import project_b\nimport project_b.no_such_module\n",
    "future": "from __future__ import annotations\nfrom . import x\n",
    "words": "'import humps'  # import humps\n",
}


def test_what_does_no_harm(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Imports that cannot fail on the target, or whose failure is handled."""
    modules = {f"project_b/{name}.py": source for name, source in HARMLESS.items()}
    root = workspace(A, MemberSpec("project-b", modules=modules))
    _installed(root)
    assert wsnox("check", *LINUX, root=root) == Said(
        0, "", "for Python 3.12.0 on Linux x86_64\n2 members checked: nothing found\n"
    )


def test_the_target_decides(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """What is dead on one platform or Python is read on another."""
    root = workspace(
        A, _b("import sys\nif sys.platform == 'win32' and sys.version_info >= (3, 12):\n    import humps\n")
    )
    missing = [("project-b", "missing", "humps")]
    for python, platform, findings in (("3.12", "windows", missing), ("3.12", "linux", []), ("3.11", "windows", [])):
        said = wsnox("check", "--json", "--python", python, "--platform", platform, root=root)
        assert (_found(said), said.code) == (findings, int(bool(findings)))
    said = wsnox("check", "--python", "3.9", "--platform", "linux", root=root)
    assert (said.code > 1, said.out) == (True, "")
    assert said.err.startswith("error: ")


def test_a_namespace_of_two_members(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Each member owns its part; the part of a sibling has to be declared."""
    one = MemberSpec("ns-a", modules={"ns/a/__init__.py": "from ns import a\nimport ns.a.x\nfrom ns.b import y\n"})
    two = MemberSpec("ns-b", modules={"ns/b/__init__.py": "import ns\n"})
    three = MemberSpec("user", modules={"user.py": "from ns import a, b\n"}, dependencies=["ns-a"])
    root = workspace(one, two, three)
    said = wsnox("check", *LINUX, root=root)
    assert said.out.splitlines() == [
        "ns-a imports `ns.b` (packages/ns-a/src/ns/a/__init__.py:3), which nothing in its locked closure provides",
        "  provided by ns-b 1.0, a member of the workspace",
        "  hint: uv add --package ns-a ns-b",
        "user imports `ns.b` (packages/user/src/user.py:1), which nothing in its locked closure provides",
        "  provided by ns-b 1.0, a member of the workspace",
        "  hint: uv add --package user ns-b",
    ]


def test_a_module_that_nobody_knows(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """It may belong to a distribution of the closure about which nothing is known; once all is known, it does not."""
    root = workspace(_b("import nobody\n", dependencies=["leaf"]))
    said = wsnox("check", *LINUX, root=root)
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("project-b: unsure who provides nobody; ")
    assert json.loads(wsnox("check", "--json", *LINUX, root=root).out)["unsure"] == [
        {"member": "project-b", "modules": ["nobody"]}
    ]
    _installed(root)
    said = wsnox("check", *LINUX, root=root)
    assert said.code == 1
    assert said.out.splitlines()[1:] == ["  no distribution of `uv.lock` is known to provide it"]


@pytest.mark.parametrize("kind", ["system", "package"])
def test_an_application(workspace: WorkspaceFactory, wsnox: Wsnox, kind: str) -> None:
    """A member of which no wheel is built has its code anywhere; its own modules are its own, its tests are not read."""
    app = MemberSpec(
        "app",
        modules={"inner/a.py": "import humps\nimport inner\nimport lib.x\n"},
        tests={"test_a.py": "import nobody, num\n"},
        dependencies=["leaf"],
        build_system=kind != "system",
        tool={"uv": {"package": False}} if kind == "package" else {},
    )
    root = workspace(A, app)
    _installed(root)
    folder = root / "packages/app"
    for file in ("main.py", "lib/x.py", "scripts/tool.py"):
        (folder / file).parent.mkdir(exist_ok=True)
    (folder / "main.py").write_text("import inner.a, lib.x\nimport leaf\nimport main\nimport num\n", encoding="utf-8")
    (folder / "lib/x.py").write_text("import winreg\n", encoding="utf-8")
    (folder / "scripts/tool.py").write_text("import nobody\n", encoding="utf-8")
    (folder / "wsnox_test_backend.py").unlink(missing_ok=True)
    said = wsnox("check", "app", "--json", *LINUX, root=root)
    assert {(finding["module"], finding["places"][0]["file"]) for finding in json.loads(said.out)["findings"]} == {
        ("humps", "packages/app/src/inner/a.py"),
        ("num", "packages/app/main.py"),
    }


def test_the_root_as_a_member(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Its places and its fix are the root's, and what lies below in other members is not its own."""
    top = MemberSpec("top", modules={"top.py": "import humps\nimport inner\n"})
    inner = MemberSpec("inner", path="inner", dependencies=["pyhumps"], modules={"inner/__init__.py": "import num\n"})
    below = MemberSpec("below", path="inner/below", dependencies=["num"], modules={"below.py": "import inner\n"})
    root = workspace(inner, below, root_project=top)
    _installed(root)
    said = wsnox("check", *LINUX, root=root)
    assert said.out.splitlines() == [
        "below imports `inner` (inner/below/src/below.py:1), which nothing in its locked closure provides",
        "  provided by inner 1.0, a member of the workspace",
        "  hint: uv add --package below inner",
        "inner imports `num` (inner/src/inner/__init__.py:1), which nothing in its locked closure provides",
        "  provided by num 2.0, declared by below",
        "  hint: uv add --package inner num",
        "top imports `humps` (src/top.py:1), which nothing in its locked closure provides",
        "  provided by pyhumps 3.8.0, declared by inner",
        "  hint: uv add --package top pyhumps",
        "top imports `inner` (src/top.py:2), which nothing in its locked closure provides",
        "  provided by inner 1.0, a member of the workspace",
        "  hint: uv add --package top inner",
        "together: uv add --package top inner pyhumps",
    ]


def test_an_application_at_the_root(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A member's folder beside its code is no module of its own, though Python would take it for a namespace."""
    top = MemberSpec("top", modules={"main.py": "import inner\n"}, build_system=False)
    inner = MemberSpec("inner", path="inner", modules={"inner/__init__.py": ""})
    root = workspace(inner, root_project=top)
    shutil.move(root / "inner/src/inner", root / "inner/inner")
    assert _found(wsnox("check", "--json", *LINUX, root=root)) == [("top", "missing", "inner")]


ALLOWED: list[tuple[dict[str, Any], list[str]]] = [
    ({"modules": ["humps"]}, ["leaf", "num"]),
    ({"modules": ["h*", "le?f"]}, ["num"]),
    ({"kinds": ["missing"]}, ["leaf", "num"]),
    ({"kinds": ["transitive", "group"]}, ["humps"]),
    ({"modules": ["humps", "leaf"], "kinds": ["transitive"]}, ["humps", "num"]),
    ({"files": ["src/project_b.py"]}, []),
    ({"files": ["*.py"]}, []),
    ({"files": ["packages/project-b/src/project_b.py"]}, ["humps", "leaf", "num"]),
    ({"modules": ["humps.deep"]}, ["humps", "leaf", "num"]),
    ({}, []),
]


@pytest.mark.parametrize("place", ["root", "member"])
def test_allowed(workspace: WorkspaceFactory, wsnox: Wsnox, place: str) -> None:
    """By module, kind and file, in the manifest of the root or of the member, and no further than that."""
    b = _b("import humps\nimport leaf\nimport num\n", dependencies=["flavoured"], groups={"dev": ["num"]})
    root = workspace(A, b)
    _installed(root)
    manifest = root / ("pyproject.toml" if place == "root" else "packages/project-b/pyproject.toml")
    text = manifest.read_text(encoding="utf-8")
    for allowance, left in ALLOWED:
        table = {"tool": {"wsnox": {"imports": {"allow": [{**allowance, "reason": "the host has it"}]}}}}
        manifest.write_text(f"{text}\n{tomli_w.dumps(table)}", encoding="utf-8")
        said = wsnox("check", "--json", *LINUX, root=root)
        assert sorted(module for _, _, module in _found(said)) == left, allowance
        assert said.code == (1 if left else 0)


def test_allowed_for_some_members(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """The root's table names members; a member's own speaks of that member alone."""
    c = MemberSpec(
        "project-c",
        modules={"project_c.py": "import humps\n"},
        tool={"wsnox": {"imports": {"allow": [{"modules": ["leaf"], "reason": "r"}]}}},
    )
    allow = [{"modules": ["humps"], "members": ["*-c"], "reason": "r"}]
    root = workspace(A, _b("import humps\nimport leaf\n"), c, wsnox={"imports": {"allow": allow}})
    _installed(root)
    findings = _found(wsnox("check", "--json", *LINUX, root=root))
    assert findings == [("project-b", "missing", "humps"), ("project-b", "missing", "leaf")]


def test_members(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Only what is named is read, each once; a name that nobody has is an error."""
    c = MemberSpec("project-c", modules={"project_c.py": "import humps\n"})
    root = workspace(A, _b("import humps\n"), c)
    said = wsnox("check", "Project_B", "project-b", *LINUX, root=root)
    assert said.out.count("imports `humps`") == 1
    assert (said.code, said.err) == (1, "for Python 3.12.0 on Linux x86_64\n1 member checked: 1 problem\n")
    assert wsnox("check", "project-a", *LINUX, root=root).code == 0
    said = wsnox("check", "project-x", *LINUX, root=root)
    assert (said.code > 1, said.out) == (True, "")
    assert said.err.startswith("error: ")


def _add_dependency(root: Path) -> None:
    manifest = root / "packages/project-a/pyproject.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"pyhumps"', '"pyhumps", "leaf"'), encoding="utf-8")


def test_a_stale_lockfile(workspace: WorkspaceFactory, wsnox: Wsnox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one of the problems, and does not keep the imports from being read; `frozen` asks for no comparison."""
    root = workspace(A, _b("import humps\n"))
    _add_dependency(root)
    said = wsnox("check", *LINUX, root=root)
    assert said.code == 1
    assert "leaf" in said.out.partition("project-b imports `humps`")[2]
    assert said.out.endswith("hint: run `uv lock`\n")
    data = json.loads(wsnox("check", "--json", *LINUX, root=root).out)
    assert (len(data["stale"]), len(data["findings"])) == (1, 1)
    with monkeypatch.context() as patch:
        patch.setenv("WSNOX_LOCK", "frozen")
        assert json.loads(wsnox("check", "--json", *LINUX, root=root).out)["stale"] == []
    with (root / "pyproject.toml").open("a", encoding="utf-8") as root_manifest:
        root_manifest.write('\n[tool.wsnox]\nlock = "frozen"\n')
    assert json.loads(wsnox("check", "--json", *LINUX, root=root).out)["stale"] == []


def test_a_member_that_is_not_locked(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A lockfile from before a member was added, or removed, is stale: that is said, and there is no closure to read."""
    root = workspace(A, _b("import humps\n"), patterns=["packages/*"])
    shutil.copytree(root / "packages/project-b", root / "packages/project-c")
    manifest = root / "packages/project-c/pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("project-b", "project-c"), encoding="utf-8")
    said = wsnox("check", *LINUX, root=root)
    assert said.code == 1
    assert "project-c" in said.out
    assert "hint: run `uv lock`" in said.out
    assert wsnox("check", "project-c", *LINUX, root=root).code == 1
    shutil.rmtree(root / "packages/project-c")
    shutil.rmtree(root / "packages/project-a")
    said = wsnox("check", *LINUX, root=root)
    assert said.code == 1
    assert "project-a" in said.out


def test_a_session_that_conflicts(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A default session that can never be installed is a problem; one that is skipped, or not checked, is not."""
    clash = {"conflicts": [[{"extra": "one"}, {"extra": "two"}]]}
    app = MemberSpec(
        "app",
        extras={"one": ["num==1.0"], "two": ["num==2.0"]},
        tool={"uv": clash, "wsnox": {"extras": ["one", "two"]}},
    )
    skipped = MemberSpec(
        "skipped",
        extras={"one": ["pyhumps==3.7.3"], "two": ["pyhumps==3.8.0"]},
        tool={"uv": clash, "wsnox": {"extras": ["one", "two"], "skip": "later"}},
    )
    root = workspace(MemberSpec("project-a"), app, skipped)
    said = wsnox("check", *LINUX, root=root)
    assert said.code == 1
    assert said.out.startswith("session app: ")
    assert "conflict" in said.out
    data = json.loads(wsnox("check", "--json", *LINUX, root=root).out)
    assert [session["session"] for session in data["sessions"]] == ["app"]
    assert wsnox("check", "project-a", "skipped", *LINUX, root=root).code == 0


def test_tests_without_pytest(workspace: WorkspaceFactory, wsnox: Wsnox, wheelhouse_with_pytest: Path) -> None:
    """Sessions that fail for one reason are one line, which has their names once."""
    names = [f"member-{number}" for number in range(9)]
    members = [MemberSpec(name, tests={"test_it.py": "def test_it():\n    pass\n"}) for name in names]
    root = workspace(*members, index=wheelhouse_with_pytest, root_groups={"ci": ["pytest"]})
    (line,) = wsnox("check", *LINUX, root=root).out.splitlines()
    assert line.startswith("9 sessions: `member-0`, ")
    assert line.count("member-0") == 1


def test_pythons_that_fit_nobody(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """What is configured and never runs would be missed in silence; it is said once, whatever sessions there are."""
    b = MemberSpec("project-b", tool={"wsnox": {"pythons": ["3.9", "3.12"]}})
    root = workspace(A, b, wsnox={"pythons": ["3.12"], "integration": {"both": {"pythons": ["2.7"]}}})
    expected = [
        "pyproject.toml: no session runs on `2.7` in `tool.wsnox.integration.both.pythons`: the workspace is for `>=3.10`",
        "packages/project-b/pyproject.toml: no session runs on `3.9` in `tool.wsnox.pythons`: the workspace is for `>=3.10`",
    ]
    said = wsnox("check", *LINUX, root=root)
    assert (said.code, said.out.splitlines()) == (1, expected)
    assert wsnox("check", "project-b", *LINUX, root=root).out.splitlines() == expected[1:]
    assert wsnox("check", "project-a", *LINUX, root=root).code == 0
    data = json.loads(wsnox("check", "--json", *LINUX, root=root).out)
    assert [finding["file"] for finding in data["unused_pythons"]] == [
        "pyproject.toml",
        "packages/project-b/pyproject.toml",
    ]


@pytest.mark.parametrize(
    ("noxfile", "uncalled", "unread"),
    [
        ("import wsnox\n", True, True),
        ("import nox, wsnox as w\n\n\n@nox.session\ndef lint(session):\n    pass\n", True, True),
        ("import wsnox\n\nwsnox.sessions()\n", False, True),
        ("import wsnox\n\nfor make in [wsnox.sessions]:\n    make()\n", False, True),
        ("from wsnox import sessions\n\nsessions()\n", False, True),
        ("import nox\nimport wsnox\n\nTOOL = nox.project.load_toml()['tool']['nox']\nwsnox.sessions()\n", False, False),
        ("import wsnox(", False, True),
        (None, False, True),
    ],
)
def test_what_has_no_effect(
    workspace: WorkspaceFactory, wsnox: Wsnox, noxfile: str | None, *, uncalled: bool, unread: bool
) -> None:
    """A noxfile that never calls wsnox has none of its sessions, and `[tool.nox]` is no place for options: nox says neither."""
    root = workspace(A)
    if noxfile is not None:
        write_noxfile(root, noxfile)
    with (root / "pyproject.toml").open("a", encoding="utf-8") as manifest:
        manifest.write('\n[tool.nox]\npythons = ["3.12"]\n')
    sentences = [
        *["noxfile.py: it imports wsnox and never calls it, so nox has no session of a member; add `wsnox.sessions()`"]
        * uncalled,
        *[
            "pyproject.toml: no tool reads `[tool.nox]`: sessions are configured in `[tool.wsnox]`, and options of nox are `nox.options` in the noxfile"
        ]
        * unread,
    ]
    said = wsnox("check", *LINUX, root=root)
    assert (said.code, said.out.splitlines()) == (int(bool(sentences)), sentences)
    data = json.loads(wsnox("check", "--json", *LINUX, root=root).out)
    assert [f"{one['file']}: {one['reason']}" for one in data["without_effect"]] == sentences
    assert wsnox("check", "project-a", *LINUX, root=root).code == 0


def test_a_session_without_a_python(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A member whose classifiers are all out of range has no session, which neither nox nor the list would say."""
    old = MemberSpec("project-b", classifiers=["Programming Language :: Python :: 3.8"])
    root = workspace(A, old, wsnox={"pythons": "classifiers"})
    said = wsnox("check", *LINUX, root=root)
    assert said.code == 1
    assert said.out.splitlines()[0] == (
        "session project-b: none of the Pythons that it is for is in the range of the workspace, `>=3.10`"
    )


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("uv.lock", None),
        ("uv.lock", b""),
        ("uv.lock", b"version = 1\nrevision = 3\n[[package]]\n"),
        ("uv.lock", b"\xff"),
        ("pyproject.toml", b"[tool"),
        ("packages/project-a/pyproject.toml", b"[project]\nname = 1\n"),
        ("packages/project-a/pyproject.toml", None),
    ],
)
def test_broken_input(workspace: WorkspaceFactory, wsnox: Wsnox, file: str, content: bytes | None) -> None:
    """An error that names the file, with nothing on stdout, and no verdict."""
    root = workspace(A)
    if content is None:
        (root / file).unlink()
    else:
        (root / file).write_bytes(content)
    said = wsnox("check", *LINUX, root=root)
    assert (said.code > 1, said.out) == (True, "")
    assert said.err.startswith("error: ")
    assert "checked" not in said.err
    assert "Traceback" not in said.err


def test_annotations(workspace: WorkspaceFactory, wsnox: Wsnox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place, the lockfile and each session are listed in GitHub Actions; JSON stays JSON."""
    extras = {"one": ["num==1.0"], "two": ["num==2.0"]}
    tool = {"uv": {"conflicts": [[{"extra": "one"}, {"extra": "two"}]]}, "wsnox": {"extras": ["one", "two"]}}
    b = _b("import humps\n\n\ndef f():\n    import humps\n", extras=extras, tool=tool)
    root = workspace(A, b, name="checkout/deep")
    _add_dependency(root)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(root.parent))
    said = wsnox("check", *LINUX, root=root)
    commands = [line.partition("::")[2].partition("::")[0] for line in said.out.splitlines() if line.startswith("::")]
    assert commands == [
        "error file=deep/uv.lock,title=wsnox%3A the lockfile is stale",
        "error title=wsnox%3A project-b",
        "error file=deep/packages/project-b/src/project_b.py,line=1,title=wsnox%3A project-b",
        "error file=deep/packages/project-b/src/project_b.py,line=5,title=wsnox%3A project-b",
    ]
    said = wsnox("check", "--json", *LINUX, root=root)
    assert len(json.loads(said.out)["findings"]) == 1
    assert said.err.count("::error ") == 4


def test_the_order_is_that_of_members_and_modules(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Whatever order files and folders come in, two runs and two machines say the same."""
    modules = {f"project_b/{name}.py": "import humps\nimport leaf\n" for name in ("z", "a", "m", "b")}
    root = workspace(A, MemberSpec("project-b", modules=modules))
    findings = json.loads(wsnox("check", "--json", *LINUX, root=root).out)["findings"]
    order = [(finding["module"], place["file"]) for finding in findings for place in finding["places"]]
    assert len(order) == 8
    assert order == sorted(order)


def test_nothing_is_left_behind(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A check only reads, and leaves no cache between two runs that a changed file would not be seen through."""
    app = MemberSpec("app", build_system=False, modules={"main.py": "import helper\n"})
    root = workspace(A, app)
    _installed(root)
    before = sorted(path for path in root.rglob("*"))
    assert _found(wsnox("check", "--json", *LINUX, root=root)) == [("app", "missing", "helper")]
    assert sorted(path for path in root.rglob("*")) == before
    (root / "packages/app/src/helper.py").touch()
    assert _found(wsnox("check", "--json", *LINUX, root=root)) == []


def test_a_path_dependency_that_is_gone(workspace: WorkspaceFactory, wsnox: Wsnox, tmp_path: Path) -> None:
    """The sources of a dependency by path may lie anywhere, or nowhere any more."""
    outside = tmp_path / "outside"
    outside.mkdir()
    write_member(outside, MemberSpec("outside"))
    tool = {"uv": {"sources": {"outside": {"path": "../../../outside", "editable": True}}}}
    root = workspace(A, _b("import outside\n", dependencies=["outside"], tool=tool))
    assert wsnox("check", *LINUX, root=root).code == 0
    shutil.rmtree(outside)
    said = wsnox("check", *LINUX, root=root)
    assert (said.code, said.out) == (0, "")


@pytest.mark.parametrize("file", ["acme_web.py", "acme_web/__init__.py", "acme_web/acme_views.py", "acme_web/views.py"])
def test_a_family_of_names(workspace: WorkspaceFactory, wsnox: Wsnox, file: str) -> None:
    """Members that are called alike are no integrations of each other."""
    package = {"acme_web/__init__.py": ""} if "/" in file else {}
    web = MemberSpec("acme-web", modules={**package, file: "import acme_core\n"})
    root = workspace(MemberSpec("acme-core"), web)
    said = wsnox("check", *LINUX, root=root)
    assert said.code == 1
    assert said.out.splitlines()[1:] == [
        "  provided by acme-core 1.0, a member of the workspace",
        "  hint: uv add --package acme-web acme-core",
    ]
