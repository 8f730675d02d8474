"""The names of the standard library, compared with the Pythons of this machine."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.environment.interpreters import interpreter
from wsnox.imports.owners import STANDARD

PROGRAM = """
import json, pkgutil, sys, sysconfig
names = set(getattr(sys, "stdlib_module_names", sys.builtin_module_names))
names |= {each.name for each in pkgutil.iter_modules([sysconfig.get_path("stdlib")])}
print(json.dumps(sorted(names)))
"""
# What the folder of the standard library has beside it: tests, build leftovers, and what nobody imports.
ASIDE = ("_", "test", "xx", "config-")


@pytest.mark.parametrize("minor", ["3.9", "3.10", "3.11", "3.12", "3.13"])
def test_every_module_of_every_python(minor: str) -> None:
    """An import of a standard module is never somebody's, whichever Python reads and whichever runs it."""
    done = subprocess.run([interpreter(minor), "-I", "-c", PROGRAM], check=True, capture_output=True, encoding="utf-8")
    names = {name for name in json.loads(done.stdout) if not name.startswith(ASIDE)}
    assert len(names) > 150
    assert names - STANDARD == set()


def test_no_distribution_is_taken_for_it() -> None:
    """Names that only sound like it, or that once were vendored."""
    assert not STANDARD & {
        "six",
        "attr",
        "setuptools",
        "pkg_resources",
        "typing_extensions",
        "tomli",
        "importlib_metadata",
    }
