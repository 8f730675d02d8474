"""Programs from outside: what a session runs is its environment's, the repository's own, or allowed by name."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import Ran, configure, follow, nox, python_of, write_noxfile
from tests.support.processes import uv
from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="the programs of these tests are scripts of a POSIX shell"),
]

TOOL = "tool-with-script"
RAN = "outside ran"


def program(path: Path) -> Path:
    """Write a program to *path* that says so when it runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {RAN}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """Return a workspace of one member that every test configures for itself, beside a folder of programs."""
    folder = tmp_path_factory.mktemp("programs")
    for name in (TOOL, "docker", "pip", "python3.99", "helper"):
        program(folder / "outside" / name)
    root = write_workspace(folder / "workspace", [MemberSpec("alpha")], index=wheelhouse)
    lock(root)
    program(root / ".venv/bin/helper")
    (root / ".venv/pyvenv.cfg").touch()
    (root / "packages/alpha/link").symlink_to(folder / "outside/helper")
    return root


@pytest.fixture
def on_path(shared: Path) -> dict[str, str]:
    """Return the variables under which some programs are on ``PATH``, before those of the machine."""
    return {"PATH": os.pathsep.join([str(shared.parent / "outside"), os.environ["PATH"]])}


def refused(ran: Ran) -> str:
    """Return the sentence of a session that ran nothing from outside, with its hint."""
    assert (ran.code, RAN in ran.said) == (1, False), ran.said
    return " ".join(ran.error.partition("aborted: ")[2].split()).removesuffix(".") or ran.said


# --- who has it -----------------------------------------------------------------------------------------------------

HAS: dict[str, tuple[MemberSpec, dict[str, Any], str, str]] = {
    "group": (
        MemberSpec("alpha", groups={"dev": ["leaf"], "lint": [TOOL]}),
        {},
        "`tool-with-script` is in group `lint`, which this session does not install",
        'set `groups = ["dev", "lint"]` in `[tool.wsnox]` of `[ROOT]/packages/alpha/pyproject.toml`',
    ),
    "a group of a group": (
        MemberSpec("alpha", groups={"all": [{"include-group": "lint"}], "lint": [TOOL]}),
        {},
        "`tool-with-script` is in group `lint`, which this session does not install",
        'set `groups = ["lint"]` in `[tool.wsnox]` of `[ROOT]/packages/alpha/pyproject.toml`',
    ),
    "extra": (
        MemberSpec("alpha", extras={"cli": [TOOL]}),
        {},
        "`tool-with-script` is in extra `cli`, which this session does not install",
        'set `extras = ["cli"]` in `[tool.wsnox]` of `[ROOT]/packages/alpha/pyproject.toml`',
    ),
    "the root": (
        MemberSpec("alpha"),
        {"root_groups": {"lint": [TOOL]}},
        "`tool-with-script` is in group `lint` of the workspace root, which this session does not install",
        'set `root-groups = ["lint"]` in `[tool.wsnox]` of `[ROOT]/pyproject.toml`',
    ),
    "nobody": (
        MemberSpec("alpha"),
        {},
        "`tool-with-script` is not in the environment of alpha",
        (
            'set `external = ["tool-with-script"]` in `[tool.wsnox]` of `[ROOT]/packages/alpha/pyproject.toml` to allow it; '
            "where a distribution has it, `uv add --package alpha --dev tool-with-script`"
        ),
    ),
}


@pytest.mark.parametrize("case", HAS)
def test_who_has_it(workspace: WorkspaceFactory, on_path: dict[str, str], case: str) -> None:
    """A tool that the closure lacks does not run from elsewhere; who has it is said, and what to set, which works."""
    member, options, sentence, hint = HAS[case]
    root = workspace(member, **options, wsnox={"commands": [TOOL]})
    assert refused(nox(root, "-s", "alpha", env=on_path)) == f"{sentence} hint: {hint}"
    follow(root, hint)
    ran = nox(root, "-s", "alpha", env=on_path)
    assert (ran.code, RAN in ran.said, "tool ran" in ran.said) == (0, case == "nobody", case != "nobody"), ran.said


def test_a_module_of_a_group(workspace: WorkspaceFactory) -> None:
    """A tool that is started as a module, which Python alone only does not find, gets the same hint as a program."""
    member, _, sentence, hint = HAS["group"]
    root = workspace(member, wsnox={"commands": ["python -m tool_with_script"]})
    ran = nox(root, "-s", "alpha")
    told = sentence.replace(TOOL, "tool_with_script")
    assert (ran.code, f"{told}\n\nhint: {hint}\n" in ran.said) == (1, True), ran.said
    follow(root, hint)
    assert nox(root, "-s", "alpha").code == 0


def test_what_another_member_has(workspace: WorkspaceFactory) -> None:
    """What only another member has is to be declared, whether it has a group, an extra, or the program itself."""
    root = workspace(
        MemberSpec("alpha"),
        MemberSpec(
            "beta", groups={"lint": [TOOL]}, scripts={"serve": "beta:main"}, modules={"beta.py": "def main(): ..."}
        ),
        MemberSpec("gamma", groups={"test": [TOOL]}, tool={"wsnox": {"groups": ["test"]}}),
        wsnox={"commands": ["{posargs}"]},
    )
    assert refused(nox(root, "-s", "alpha", "--", TOOL)) == (
        "`tool-with-script` is in group `lint` of `beta`, which this session does not install "
        "hint: `uv add --package alpha --dev tool-with-script`"
    )
    assert refused(nox(root, "-s", "gamma", "--", "serve")) == (
        "`serve` of `beta` is in the closure of `beta`, which this session does not install "
        "hint: `uv add --package gamma --group test beta`"
    )
    added = uv(root, "add", "--no-sync", "--package", "gamma", "--group", "test", "beta")
    assert added.returncode == 0, added.stderr
    assert nox(root, "-s", "gamma", "--", "serve").code == 0


def test_a_program_of_another_name(workspace: WorkspaceFactory, wheelhouse: Path, tmp_path: Path) -> None:
    """Which distribution has a program is known from the environments at hand, whatever both are called."""
    from tests.support.wheels import Wheel, build_wheel

    index = tmp_path / "index"
    shutil.copytree(wheelhouse, index)
    build_wheel(index, Wheel("toolbox", "1.0", scripts={"hammer": "toolbox:main"}))
    wsnox: dict[str, Any] = {"commands": ["hammer"], "tasks": {"lint": {"commands": ["python -V"], "groups": ["lint"]}}}
    root = workspace(MemberSpec("alpha", groups={"lint": ["toolbox"]}), index=index, wsnox=wsnox)
    assert nox(root, "-s", "alpha:lint").code == 0
    assert refused(nox(root, "-s", "alpha")).startswith("`hammer` of `toolbox` is in group `lint`, which this session")


def test_integration_and_tasks(workspace: WorkspaceFactory, on_path: dict[str, str]) -> None:
    """The hint names the table that wins for the session; the groups that it installs stay in the list."""
    wsnox: dict[str, Any] = {
        "commands": [TOOL],
        "tasks": {"lint": {"commands": [TOOL]}},
        "integration": {"to.gether": {"commands": [TOOL]}},
    }
    alpha = MemberSpec("alpha", groups={"dev": ["leaf"], "lint": [TOOL]})
    root = workspace(alpha, MemberSpec("beta"), wsnox=wsnox, root_groups={"dev": ["num"]})
    ran = nox(root, "-s", "alpha:lint", env=on_path)
    assert 'set `groups = ["dev", "lint"]` in `[tool.wsnox.tasks.lint]` of `[ROOT]/pyproject.toml`' in refused(ran)
    ran = nox(root, "-s", "to.gether", env=on_path)
    assert refused(ran) == (
        "`tool-with-script` is in group `lint` of `alpha`, which this session does not install "
        'hint: set `groups = ["dev", "lint"]` in `[tool.wsnox.integration."to.gether"]` of `[ROOT]/pyproject.toml`'
    )


# --- gone from the environment --------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["removed", "dangling", "not executable"])
def test_a_script_that_is_gone(workspace: WorkspaceFactory, on_path: dict[str, str], harm: str) -> None:
    """A script of the closure that is not there, or does not run, is not replaced by one from outside."""
    root = workspace(MemberSpec("alpha", dependencies=[TOOL]), wsnox={"commands": [TOOL]})
    assert nox(root, "-s", "alpha", env=on_path).code == 0
    script = python_of(root, "alpha").parent / TOOL
    if harm == "not executable":
        script.chmod(0o644)
    else:
        script.unlink()
    if harm == "dangling":
        script.symlink_to("nowhere")
    ran = nox(root, "-s", "alpha", env=on_path)
    assert RAN not in ran.said
    if ran.code:
        assert "hint: recreate it: `nox --reuse-venv=never -s 'alpha'`" in refused(ran)
        ran = nox(root, "--reuse-venv=never", "-s", "alpha", env=on_path)
    assert (ran.code, "tool ran" in ran.said) == (0, True), ran.said


@pytest.mark.parametrize("original", ["stays", "goes"])
def test_an_environment_from_elsewhere(workspace: WorkspaceFactory, tmp_path: Path, original: str) -> None:
    """The scripts of a copied environment, and what it has in place, are those of the original: it is recreated."""
    where = ["python", "-c", "import sys, alpha; print('in', sys.prefix, alpha.__file__)"]
    root = workspace(MemberSpec("alpha", dependencies=[TOOL]), wsnox={"commands": [TOOL, where]})
    assert nox(root, "-s", "alpha").code == 0
    other = tmp_path / "other"
    shutil.copytree(root, other, symlinks=True)
    if original == "goes":
        shutil.rmtree(root)
    assert nox(other, "-R", "-s", "alpha").code == 1
    ran = nox(other, "-s", "alpha")
    assert (ran.code, "tool ran" in ran.said) == (0, True), ran.said
    assert "in [ROOT]/.nox/alpha [ROOT]/packages/alpha/src/alpha.py" in ran.said
    assert (python_of(other, "alpha").parent / TOOL).read_text(encoding="utf-8").startswith(f"#!{other}")


def test_a_script_that_does_not_start(shared: Path) -> None:
    """A script of the repository without the program that its first line names is told in one sentence."""
    configure(shared, {"commands": ["./run.sh"]})
    script = program(shared / "packages/alpha/run.sh")
    script.write_text("#!/no/such/interpreter\n", encoding="utf-8")
    ran = nox(shared, "-s", "alpha")
    assert "`./run.sh` does not start: No such file or directory hint: the first line of a script names" in refused(ran)
    assert "Traceback" not in ran.said


# --- what is not a name of the closure's -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("pip list", "`pip` is not in the environment of alpha"),
        ("uv --version", "`uv` is not in the environment of alpha"),
        ("python3.99 -V", "`python3.99` is not the Python of the environment of alpha, "),
        ("sh -c helper", "`sh` is not in the environment of alpha"),
        ("env helper", "`env` is not in the environment of alpha"),
        ("{root}/../outside/helper", "`[ROOT]/../outside/helper` is not in the environment of alpha"),
        ("../../.venv/bin/helper", "`../../.venv/bin/helper` is not in the environment of alpha"),
        ("./link", "`./link` is not in the environment of alpha"),
        ("no-such-program", "`no-such-program` is neither on `PATH` nor in the environment of alpha"),
        ("{root}/../outside/python3", "hint: write `python3`, which is its own"),
        ("no-such-g++", 'hint: install it, and set `external = ["no-such-g++"]` in `[tool.wsnox]` of '),
        ("pyhton -V", "`pyhton` is neither on `PATH` nor in the environment of alpha hint: did you mean `python`?"),
        ("uv run helper", "hint: leave `uv run` out: a command runs in the environment of its session"),
        (
            "pip install leaf",
            "hint: leave it out: the session installs its closure itself; if that lacks it, `uv add --package alpha --dev leaf`",
        ),
        ("uv pip install -e .", "hint: leave it out: the session installs its closure itself"),
        ("{posargs:''}", "`` is not a program, but the first word of a command of alpha"),
    ],
)
def test_outside(shared: Path, on_path: dict[str, str], command: str, sentence: str) -> None:
    """Whatever a command names that is not the environment's does not run: names, paths, links, other environments."""
    configure(shared, {"commands": [command]})
    assert sentence in refused(nox(shared, "-s", "alpha", env=on_path))


def test_what_may_run(workspace: WorkspaceFactory, on_path: dict[str, str]) -> None:
    """The environment's by any name, scripts of the repository, git, and what `external` allows, without a warning."""
    member = MemberSpec("alpha", dependencies=[TOOL], tool={"wsnox": {"external": ["docker"]}})
    tasks = {
        "more": {"commands": ["helper"], "external": ["{}/helper".format(on_path["PATH"].partition(os.pathsep)[0])]}
    }
    commands = [
        TOOL,
        "{root}/.nox/alpha/bin/tool-with-script",
        "../../.nox/alpha/bin/python -V",
        "./run.sh",
        "{root}/tools/run.sh",
        "git --version",
        "docker compose up",
    ]
    root = workspace(member, wsnox={"commands": commands, "external": ["helper"], "tasks": tasks})
    program(root / "tools/run.sh")
    program(root / "packages/alpha/run.sh")
    ran = nox(root, "-s", "alpha", env=on_path)
    assert (ran.code, ran.said.count(RAN), ran.said.count("tool ran")) == (0, 3, 2), ran.said
    assert "Warning" not in ran.said
    # The nearer list is the whole list, and a path allows what the command writes so.
    assert "`helper` is not in" in refused(nox(root, "-s", "alpha:more", env=on_path))


# --- functions of the noxfile ---------------------------------------------------------------------------------------

NOXFILE = """\
import wsnox


@wsnox.member(name="t", external=["docker"])
def t(session, member):
    {body}
    print("came", "through")


@wsnox.integration(groups=[])
def both(session, members):
    {body}
"""


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("session.run('helper')", 'set `external=["docker", "helper"]` in the decorator of `alpha:t` to allow it'),
        ("session.run('python -V')", """no program has that name hint: separate the words: "python", "-V\""""),
        (
            "session.chdir(member.path)",
            "/alpha/packages/alpha`, where `alpha:t` would run its commands, cannot be entered",
        ),
        ("session.cd('x')", "hint: the session is in `[ROOT]/packages/alpha` already"),
        ("session.run('cd', 'x')", "`cd` is a command of a shell, and none runs, in alpha:t hint: see `session.chdir`"),
        ("session.run('helper', external=True); session.run('docker')", ""),
    ],
)
def test_functions(shared: Path, on_path: dict[str, str], body: str, refusal: str) -> None:
    """In a function of the noxfile the same holds, and nox's own argument allows, as the decorator's does."""
    write_noxfile(shared, NOXFILE.format(body=body))
    ran = nox(shared, "-s", "alpha:t", "--error-on-external-run", env=on_path)
    if refusal:
        assert refusal in refused(ran)
    else:
        assert (ran.code, ran.said.count(RAN), "came through" in ran.said) == (0, 2, True), ran.said


def test_an_integration_of_the_noxfile(shared: Path, on_path: dict[str, str]) -> None:
    """Its hint tells of its own decorator, and adds to a group where it installs none."""
    write_noxfile(shared, NOXFILE.format(body="session.run('helper')"))
    assert refused(nox(shared, "-s", "both", env=on_path)) == (
        "`helper` is not in the environment of both hint: "
        'set `external=["helper"]` in the decorator of `both` to allow it; where a distribution has it, '
        '`uv add --package alpha --dev helper`, and set `groups=["dev"]` in the decorator of `both`'
    )


def test_nothing_runs_without_need(shared: Path, on_path: dict[str, str]) -> None:
    """`--install-only` says so, too: what it prepares for would not run."""
    configure(shared, {"commands": ["docker"]})
    assert "`docker` is not in" in refused(nox(shared, "--install-only", "-s", "alpha", env=on_path))
