"""What a member imports without declaring it: each judged import explained by its owner, and by the command that declares it.

``uv add`` makes a workspace member a workspace source by itself (uv docs, concepts/projects/dependencies).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.imports.judge import by_design, is_named_for, undeclared
from wsnox.imports.members import is_local, without_tests
from wsnox.imports.parser import parse_files
from wsnox.imports.reporting import Finding, reported
from wsnox.imports.shipped import top_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wsnox.imports.inventory import Inventory
    from wsnox.imports.judge import Judged
    from wsnox.imports.owners import Owner
    from wsnox.imports.parser import Import
    from wsnox.workspace import Member

__all__ = ["COMMAND", "CheckedMember", "check_member", "explained"]

COMMAND = "<command>"
"""Stands for the file of an import that a command has on its own line."""


class CheckedMember(Record, kw_only=True):
    """What the code of a member imports without declaring it; modules that cannot be judged are *unsure*.

    The top-level modules in *optional* are undeclared by design, or allowed. This Python cannot parse the files
    *unparsed* (POSIX, relative to the member). Where what the member ships is a guess, *unread_setting* is the build
    setting that decides it, and there are no findings.
    """

    findings: tuple[Finding, ...]
    unsure: tuple[str, ...]
    optional: frozenset[str]
    unparsed: tuple[str, ...] = ()
    unread_setting: str = ""


def check_member(inventory: Inventory, member: Member) -> CheckedMember:
    """Return what the code that *member* ships, or all code of an application, imports without declaring it."""
    files = inventory.files(member)
    parsed = parse_files(member.directory, files.code, inventory.target)
    imports = without_tests(parsed.imports)
    judged = [
        candidate
        for candidate in undeclared(imports, inventory.closures(member), inventory.owners)
        # An application's own modules stand beside the file that imports them, and a script's may.
        if (files.files and candidate.owners) or not is_local(member.directory, candidate.imported, ("src",))
    ]
    designed = frozenset(by_design(judged, member.name, inventory.lock))
    certain = [candidate for candidate in judged if candidate.kind is not None and candidate not in designed]
    findings = explained(certain, inventory, member, imports)
    setting = files.shipped.unread
    shown = () if setting else reported(findings, inventory.workspace)
    return CheckedMember(
        findings=shown,
        unsure=tuple(sorted({candidate.module for candidate in judged if candidate.kind is None})),
        optional=_top_levels(designed) | (_top_levels(findings) - _top_levels(shown)),
        unparsed=parsed.unparsed,
        unread_setting=setting,
    )


def _top_levels(findings: Iterable[Judged] | Iterable[Finding]) -> frozenset[str]:
    return frozenset(top_level(finding.module) for finding in findings)


def explained(
    judged: Sequence[Judged], inventory: Inventory, member: Member | None, imports: Sequence[Import], option: str = ""
) -> list[Finding]:
    """Return a finding for each of *judged*, which are among the *imports* of files of *member* (`None`: the virtual root).

    *option* of ``uv add`` says where a new dependency belongs: ``--dev``, ``--group test``; without it, the dependency is
    one of the member or of an extra.
    """
    prefix = f"{member.path}/" if member and member.path != "." else ""
    extras = _extra_by_file(inventory, member, imports) if judged and member and not option else {}
    findings = []
    for candidate in judged:
        file, line = candidate.imported.file, candidate.imported.line
        owner, chain, groups = _owner(candidate, inventory, member)
        name = owner.name if owner else ""
        fix = _fix(name, candidate, member, option or extras.get(file, "")) if owner else ""
        finding = Finding(
            member=member.name if member else "",
            kind=candidate.kind or "missing",
            module=candidate.module,
            places=((file if file == COMMAND else f"{prefix}{file}", line),),
            owner=name,
            version=inventory.locked_version(name),
            how=owner.how if owner else None,
            declared=tuple(inventory.declarers.get(name, ())),
            chain=chain,
            groups=groups,
            beside="" if owner else _uninstalled_path(inventory, candidate.module),
            fix=fix,
        )
        findings.append(finding)
    return findings


def _owner(
    judged: Judged, inventory: Inventory, member: Member | None
) -> tuple[Owner | None, tuple[str, ...], tuple[str, ...]]:
    """Return the owner that explains the kind of *judged*, if any, with the chain or the groups that bring it."""
    if member and judged.kind in ("transitive", "group"):
        closures = inventory.closures(member)
        for owner in judged.owners:
            if judged.kind == "transitive" and owner.name in closures.installed:
                return owner, closures.chain(owner.name), ()
            if judged.kind == "group" and owner.name in closures.groups:
                return owner, (), closures.groups[owner.name]
    return next(iter(judged.owners), None), (), ()


def _uninstalled_path(inventory: Inventory, module: str) -> str:
    """Return the path of *module* in the workspace root, where a command that runs there finds it; empty if it has none."""
    path = module.replace(".", "/")
    return next((file for file in (f"{path}.py", path) if (inventory.workspace.root / file).exists()), "")


def _fix(name: str, judged: Judged, member: Member | None, option: str) -> str:
    if not option and judged.kind == "missing" and is_named_for(judged.imported.file, judged.module):
        # An integration, for which an extra of its own is usual.
        option = f"--optional {name}"
    package = f"--package {member.name}" if member else ""
    return " ".join(filter(None, ("uv add", package, option, name)))


def _extra_by_file(inventory: Inventory, member: Member, imports: Iterable[Import]) -> Mapping[str, str]:
    """Return the option for an extra by file, for files that cannot be imported without what only that extra declares."""
    extras = inventory.closures(member).declaring_extras
    return {
        imported.file: f"--optional {extras[owner.name]}"
        for imported in imports
        if not imported.lazy and not imported.guard
        for owner in inventory.owners.of(imported.module)
        if owner.name in extras
    }
