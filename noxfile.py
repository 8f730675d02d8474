"""Everything there is to run: `nox -l` lists it, plain `nox` runs what a change must pass."""

from __future__ import annotations

import os
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
    """Check types, strictly, in the package, its tests and this file."""
    session.install("-e", ".", *groups("types"))
    session.run("mypy")
    session.run("mypy", "noxfile.py")


@nox.session(reuse_venv=True)
def tests(session: nox.Session) -> None:
    """Run the tests: `-- -m 'not real'` leaves out those that start uv, pip and nox."""
    session.install("-e", ".", *groups("test"))
    session.run("pytest", "--numprocesses=auto", "--dist=loadfile", *session.posargs)


@nox.session(python="3.10", venv_backend="uv", reuse_venv=True)
def minimums(session: nox.Session) -> None:
    """Run the fast tests, and some through real nox, on the lowest direct dependencies that pyproject.toml allows."""
    session.run_install("uv", "pip", "install", "--resolution", "lowest-direct", "-e", ".", *groups("test"))
    session.run("pytest", "-m", "not real", *session.posargs)
    session.run("pytest", "tests/sessions/test_register.py", *session.posargs)


@nox.session(reuse_venv=True)
def oracle(session: nox.Session) -> None:
    """Hold every closure against the answers that uv gave for real workspaces, where they are at hand."""
    if not CHECK_CORPUS.exists():
        session.skip("there is no corpus beside this checkout")
    session.install("-e", ".")
    jobs = str(os.cpu_count() or 1)
    session.run("python", CHECK_CORPUS, "tests/oracle_adapter.py", CORPUS, "--jobs", jobs, *session.posargs)
