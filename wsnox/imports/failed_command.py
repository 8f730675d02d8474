"""Why a command failed: the imports in what it ran that cannot work where it ran.

They are named only where they explain the failure: where the output is known, it must speak of a module that was not
found; on a terminal, where it is not, the command must be one that imports code.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.imports.findings import COMMAND, explained
from wsnox.imports.judge import unprovided
from wsnox.imports.members import is_local, python_files
from wsnox.imports.parser import parse_files, read_imports
from wsnox.imports.reporting import Finding, reported
from wsnox.imports.shipped import walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from wsnox.imports.inventory import Inventory
    from wsnox.imports.members import MemberFiles
    from wsnox.imports.parser import Import
    from wsnox.workspace import Member

__all__ = ["FailedCommand", "explain", "option_for_tests", "unshipped_files"]

_TESTERS = frozenset({"coverage", "nose2", "py.test", "pytest", "tox", "trial", "unittest"})
_CHECKERS = frozenset({"mypy", "pylint", "pyright", "basedpyright", "ty"})

_NOT_FOUND = (
    r"No module named '?(?P<module>[\w.]+)",
    r"cannot import name '\w+' from '(?P<module>[\w.]+)'",
    # mypy, pyright, pylint
    r"library stub for module named \"(?P<module>[\w.]+)\"",
    r"Import \"(?P<module>[\w.]+)\" could not be resolved",
    r"Unable to import '(?P<module>[\w.]+)'",
)


class FailedCommand(Record, kw_only=True):
    """The command *words* of *members* (none: a function of the noxfile), which failed in *directory*.

    Exactly the distributions *provided* are installed there, members as wheels unless *editable*. *output* is the end of
    what it printed, `None` where nobody has it.
    """

    words: Sequence[str]
    members: Sequence[Member]
    directory: Path
    provided: Collection[str]
    editable: bool
    output: str | None

    @cached_property
    def programs(self) -> frozenset[str]:
        """The names of the programs that it runs: the first word, and the modules that ``-m`` names."""
        paths = [*self.words[:1], *(module for word, module in pairwise(self.words) if word == "-m")]
        stems = {os.path.basename(path).removesuffix(".exe") for path in paths}  # noqa: PTH119 - of any system
        return frozenset("python" if stem.startswith("python") else stem for stem in stems)

    @property
    def code(self) -> bytes:
        """The program that it gives to Python on its own line."""
        words = pairwise(self.words) if "python" in self.programs else ()
        return next((code for word, code in words if word == "-c"), "").encode()

    @property
    def may_run_tests(self) -> bool:
        """Whether it may have run tests."""
        return "python" in self.programs or not _TESTERS.isdisjoint({*self.provided, *self.programs})

    @cached_property
    def missing(self) -> frozenset[str]:
        """The modules that were not found, as the output says."""
        return frozenset(match["module"] for pattern in _NOT_FOUND for match in re.finditer(pattern, self.output or ""))

    @property
    def may_be_explained(self) -> bool:
        """Whether an import may be the reason: otherwise nothing needs to be read."""
        if self.output is None:
            return not self.programs.isdisjoint({"python", *_TESTERS, *_CHECKERS})
        return bool(self.missing) or not self.editable


def explain(command: FailedCommand, inventory: Inventory) -> tuple[Finding, ...]:
    """Return what explains why *command* failed: imports that cannot work, and files that installed wheels lack."""
    findings = reported(_impossible(command, inventory), inventory.workspace)
    if command.output is None:
        return findings
    if not any(_is_related(finding.module, module) for finding in findings for module in command.missing):
        findings = ()
    return (*findings, *(() if command.editable else _mentioned(command, inventory)))


def _is_related(module: str, other: str) -> bool:
    """Return whether the two are equal, or one is a package that contains the other."""
    return f"{other}.".startswith(f"{module}.") or f"{module}.".startswith(f"{other}.")


def _impossible(command: FailedCommand, inventory: Inventory) -> Iterator[Finding]:
    """Yield the imports that cannot work in what *command* ran.

    The files that the command's members and all installed members ship are read. If it may have run tests, so are the
    other files of its members, and those of its directory.
    """

    def imports_of(directory: Path, files: Iterator[str] | Sequence[str]) -> tuple[Import, ...]:
        return parse_files(directory, files, inventory.target).imports

    members, directory = command.members, command.directory
    code = read_imports(command.code, COMMAND, inventory.target) or ()
    yield from _unprovided(command, inventory, members[0] if len(members) == 1 else None, code)
    for member in inventory.workspace.members:
        files = inventory.files(member)
        if member.name in command.provided or member in members:
            yield from _unprovided(command, inventory, member, imports_of(member.directory, files.files), option="")
        if command.may_run_tests and member in members:
            imports = imports_of(member.directory, files.rest)
            yield from _unprovided(command, inventory, member, imports, local=member.directory)
    if command.may_run_tests and all(member.directory != directory for member in members):
        imports = imports_of(directory, python_files(directory))
        yield from _unprovided(command, inventory, None, imports, local=directory)


def _unprovided(
    command: FailedCommand,
    inventory: Inventory,
    member: Member | None,
    imports: Sequence[Import],
    *,
    option: str | None = None,
    local: Path | None = None,
) -> list[Finding]:
    """Return a finding for each of *imports* that is not installed, nor stands beside its file in the directory *local*.

    A fix adds it to *member* with this *option*, by default to the group of its tests.
    """
    if option is None:
        option = option_for_tests(member) if member else "--dev"
    judged = [
        candidate
        for candidate in unprovided(imports, command.provided, inventory.owners)
        if candidate.kind is not None
        and not (local and is_local(local, candidate.imported, ("src",) if member else ()))
    ]
    return explained(judged, inventory, member, imports, option)


def option_for_tests(member: Member) -> str:
    """Return the option of ``uv add`` for what tests of *member* need: the group that has pytest, else ``--dev``."""
    groups = member.manifest.groups_with("pytest")
    return f"--group {groups[0]}" if groups and "dev" not in groups else "--dev"


def _mentioned(command: FailedCommand, inventory: Inventory) -> Iterator[Finding]:
    """Yield the files that the wheels of the command's members leave out and that its output mentions."""
    suffixes = (".py", "/__init__.py")
    modules = {f"{name.replace('.', '/')}{suffix}" for name in command.missing for suffix in suffixes}
    for member in command.members:
        for finding in unshipped_files(inventory.files(member), inventory.site):
            file = finding.module
            if file in modules if file.endswith(".py") else file.rpartition("/")[2] in (command.output or ""):
                yield finding


def unshipped_files(files: MemberFiles, site_packages: Sequence[Path]) -> Iterator[Finding]:
    """Yield each of a member's *files* in its packages that the *site_packages*, which hold its wheel, do not have."""
    member, shipped = files.member, files.shipped
    # `src` for the module `a.b` in `src/a/b.py`.
    roots = {
        "/".join(module.file.removesuffix("/__init__.py").split("/")[: -len(module.name.split("."))])
        for module in shipped.modules
    }
    packages = sorted({prefix.split(".")[0] for prefix in shipped.prefixes})
    for root in sorted(roots):
        base = member.directory / root
        for package in (package for package in packages if (base / package).is_dir()):
            for path in walk(base, package, lambda folder: not folder.endswith("__pycache__")):
                if not any((site / path).exists() for site in site_packages):
                    file = "/".join(filter(None, (member.path if member.path != "." else "", root, path)))
                    yield Finding(member=member.name, kind="unshipped", module=path, places=((file, 0),))
