"""The code of a member of which no wheel is built, an application: what of its Python files is run in earnest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.leaks.sources import is_test

if TYPE_CHECKING:
    from collections.abc import Collection

    from wsnox.leaks.sources import Sources
    from wsnox.workspace import Member

__all__ = ["application_code", "is_script"]

_SCRIPTS = frozenset({"dodo.py", "fabfile.py", "noxfile.py", "setup.py", "tasks.py"})
_ASIDE = frozenset({"benchmarks", "demo", "demos", "doc", "docs", "example", "examples", "notebooks"}) | frozenset(
    {"recipes", "sample", "samples", "scripts", "testing", "tools"}
)


def application_code(sources: Sources) -> tuple[str, ...]:
    """Return the files that are neither tests nor stand aside, none where *sources* are of a member with a wheel."""
    if sources.shipped.prefixes or not _is_application(sources.member):
        return ()
    packages = {file.removesuffix("/__init__.py") for file in sources.rest if file.count("/") == 1}
    return tuple(file for file in sources.rest if not _is_aside(file) and _is_code(file, packages))


def _is_application(member: Member) -> bool:
    declared = member.manifest.declared
    return declared.package is False or (declared.package is None and not declared.build_system)


def _is_aside(file: str) -> bool:
    *folders, name = file.split("/")
    return is_test(file) or name in _SCRIPTS or not _ASIDE.isdisjoint(folders)


def is_script(file: str) -> bool:
    """Tell whether *file* is what a tool runs from the top of a project, in an environment of its own: a noxfile."""
    return file in _SCRIPTS


def _is_code(file: str, packages: Collection[str]) -> bool:
    """Tell whether *file* stands where an application's code usually does: at the top, in ``src``, in a package."""
    first, inner, _ = file.partition("/")
    return not inner or first == "src" or first in packages
