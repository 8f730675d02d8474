"""Everything there is to run: `nox -l` lists it, plain `nox` runs what a change must pass."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2026.8"
nox.options.default_venv_backend = "uv|virtualenv"

PYPROJECT = nox.project.load_toml("pyproject.toml")
CORPUS = Path("../shared/corpus")
CHECK_CORPUS = Path("../shared/tools/check_corpus.py")


def groups(*names: str) -> tuple[str, ...]:
    """Return the requirements of these dependency groups."""
    return nox.project.dependency_groups(PYPROJECT, *names)


@nox.session(reuse_venv=True)
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install(*groups("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session(reuse_venv=True)
def types(session: nox.Session) -> None:
    """Check types, strictly, in the package, its tests, this file and the scripts of the documents."""
    session.install("-e", ".", *groups("types"))
    session.run("mypy")
    session.run("mypy", "noxfile.py", "docs/generate.py", "docs/picture.py")


@nox.session(reuse_venv=True)
def tests(session: nox.Session) -> None:
    """Run the tests: `-- -m 'not real'` leaves out those that start uv, pip and nox."""
    session.install("-e", ".", *groups("test"))
    session.run("pytest", "--numprocesses=auto", "--dist=loadfile", *session.posargs)


@nox.session(reuse_venv=True)
def docs(session: nox.Session) -> None:
    """Build the site into build/site; a warning is an error."""
    session.install("-e", ".", *groups("docs"))
    session.run("sphinx-build", "--fail-on-warning", "--keep-going", "--nitpicky", "--fresh-env", "docs", "build/site")


@nox.session(reuse_venv=True)
def workflows(session: nox.Session) -> None:
    """Check the files of CI systems by their schemas, actionlint and zizmor, and their scripts by shellcheck, all offline."""
    session.install(*groups("workflows"))
    files = sorted(map(str, Path(".github/workflows").glob("*.yml")))
    for schema, checked in (
        ("github-workflows", files),
        ("github-actions", ["action.yml"]),
        ("dependabot", [".github/dependabot.yml"]),
    ):
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *checked)
    session.run("actionlint", *files)
    session.run("zizmor", "--offline", "--persona=pedantic", ".")


@nox.session(reuse_venv=True, default=False)
def pages(session: nox.Session) -> None:
    """Rewrite what is generated: pages of the reference, and the pictures in the README."""
    session.install("-e", ".[uv]")
    session.run("python", "docs/generate.py")
    session.run("python", "docs/picture.py")


@nox.session(reuse_venv=True)
def build(session: nox.Session) -> None:
    """Build what is published into dist/, check its metadata, and read the wheel's types as its users' checkers do."""
    session.install(*groups("build"))
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", "dist")
    built = [str(path) for path in Path("dist").iterdir()]
    session.run("twine", "check", "--strict", *built)
    session.install("--force-reinstall", *(path for path in built if path.endswith(".whl")))
    sample = Path(shutil.copy("tests/typing_sample.py", session.create_tmp())).absolute()
    with session.chdir(sample.parent):
        session.run("mypy", "--strict", "--enable-error-code=ignore-without-code", str(sample))


@nox.session(python=["3.10", "3.11", "3.12", "3.13", "3.14"], venv_backend="virtualenv", requires=["build"])
def installed(session: nox.Session) -> None:
    """Install the built wheel with pip into an empty environment, and run a session of an example with it."""
    session.install(*map(str, Path("dist").glob("*.whl")))
    session.run("wsnox", "--version")
    example = shutil.copytree("examples", Path(session.create_tmp()) / "examples", dirs_exist_ok=True)
    session.run("nox", "--noxfile", f"{example}/leak/noxfile.py", "--session", "project-a")


@nox.session(python="3.10", venv_backend="uv", reuse_venv=True)
def minimums(session: nox.Session) -> None:
    """Run the fast tests, and some through real nox, on the lowest direct dependencies that pyproject.toml allows."""
    session.run_install("uv", "pip", "install", "--resolution", "lowest-direct", "-e", ".", *groups("test"))
    session.run("pytest", "-m", "not real", *session.posargs)
    session.run("pytest", "tests/sessions/test_register.py", *session.posargs)


@nox.session(reuse_venv=True, default=False)
@nox.parametrize("uv", ["oldest", "newest"])
def uv_versions(session: nox.Session, uv: str) -> None:
    """Install through real nox with the oldest uv that pyproject.toml allows, and with the newest; the tests' own uv locks."""
    session.install("-e", ".", *groups("test"))
    (floor,) = PYPROJECT["project"]["optional-dependencies"]["uv"]
    folder = Path(session.create_tmp(), uv)
    session.install("--upgrade", "--target", str(folder), floor.replace(">=", "==") if uv == "oldest" else "uv")
    session.run("pytest", "tests/sessions/test_register.py", *session.posargs, env={"UV": str(folder / "bin/uv")})


@nox.session(reuse_venv=True)
def oracle(session: nox.Session) -> None:
    """Hold every closure against the answers that uv gave for real workspaces, where they are at hand."""
    if not CHECK_CORPUS.exists():
        session.skip("there is no corpus beside this checkout")
    session.install("-e", ".")
    jobs = str(os.cpu_count() or 1)
    session.run("python", CHECK_CORPUS, "tests/oracle_adapter.py", CORPUS, "--jobs", jobs, *session.posargs)
