"""Findings about imports in a session: the check that ``MEMBER:imports`` makes, and why a command failed.

Findings stand in the session's output and, in GitHub Actions, at the line that they are about.
"""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from wsnox.annotations import annotation, checkout_prefix, print_annotations
from wsnox.closure import Resolver
from wsnox.environment.interpreter import cached_interpreter
from wsnox.environment.lockfile import job_lock, parsed_lock
from wsnox.environment.site_packages import known_site_packages
from wsnox.imports.failed_command import FailedCommand, explain
from wsnox.imports.findings import check_member
from wsnox.imports.importer import PROGRAM, TIME_LIMIT, judge_failures, read_failures
from wsnox.imports.inventory import Inventory
from wsnox.imports.members import is_test
from wsnox.imports.reporting import combined_fixes, finding_annotations, finding_data, finding_lines
from wsnox.noxfile.recorder import recorder
from wsnox.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import nox

    from wsnox.environment.model import Job
    from wsnox.imports.importer import Failure
    from wsnox.imports.reporting import Finding
    from wsnox.noxfile.tee import Tail
    from wsnox.workspace import Member
    from wsnox.workspace.sessions import Session

__all__ = ["annotate_error", "check_imports", "explain_failure", "import_shipped", "inventory_of", "show_findings"]

SHOWN = 4
"""The number of modules without an import that are named before the rest is counted."""


def check_imports(nox_session: nox.Session, job: Job, member: Member) -> None:
    """Import what *member* ships in the environment of *job*, and fail the session on its findings."""
    inventory = inventory_of(job, wheels=not job.editable)
    modules, failures = _shipped(inventory, member), import_shipped(nox_session, job, inventory, member)
    declared = check_member(inventory, member)
    imported = judge_failures(inventory, member, failures, declared)
    name = nox_session.name
    for needed, names in imported.need.items():
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        nox_session.log(f"{name}: not imported without {needed}: {', '.join(names[:SHOWN])}{more}")
    if declared.unread_setting:
        nox_session.warn(
            f"{name}: its imports are not judged, as {declared.unread_setting} decides what it ships and is not read"
        )
    elif declared.unsure:
        nox_session.warn(f"{name}: it is not known which distribution provides {', '.join(declared.unsure)}")
    if findings := (*declared.findings, *imported.findings):
        show_findings(nox_session, job, findings)
        undeclared = counted(len(declared.findings), "undeclared import")
        nox_session.error(undeclared if declared.findings else f"not every module of {member.name} can be imported")
    count = len(modules) - sum(map(len, imported.need.values()))
    judged = "" if declared.unread_setting else ", every import is declared"
    nox_session.log(f"{name}: {counted(count, 'module')} imported{judged}")


def import_shipped(nox_session: nox.Session, job: Job, inventory: Inventory, member: Member) -> tuple[Failure, ...]:
    """Import the modules that *member* ships in the environment of *job*, and return those that failed."""
    modules = _shipped(inventory, member)
    return _import(nox_session, job, modules) if modules else ()


def _shipped(inventory: Inventory, member: Member) -> list[str]:
    """Return the names of the modules that *member* ships, without tests and without those that run when imported."""
    return [
        module.name
        for module in inventory.files(member).shipped.modules
        if not is_test(module.file) and module.name.rpartition(".")[2] != "__main__"
    ]


def _import(nox_session: nox.Session, job: Job, modules: Sequence[str]) -> tuple[Failure, ...]:
    """Import *modules* in the environment of *job*, and return those that failed."""
    names, results = job.venv.folder / "imports.txt", job.venv.folder / "imports.jsonl"
    names.write_text("\n".join(modules), encoding="utf-8")
    results.unlink(missing_ok=True)
    # Unbuffered: the output of a module is kept however it ends.
    command = (str(job.venv.python), "-I", "-u", "-c", PROGRAM, str(names), str(results), str(TIME_LIMIT))
    # The exit code says nothing: a module may end the process when it is imported.
    result = nox_session.run(*command, success_codes=range(-128, 1 << 32), log=False)
    if result is None:
        # nox runs nothing under `--install-only`, and says so; imports are read and checked all the same.
        return ()
    if not results.exists():
        nox_session.error("the environment's Python ended before it imported anything\n\nhint: see its output above")
    return read_failures(results.read_text(encoding="utf-8").splitlines())


def explain_failure(
    nox_session: nox.Session,
    job: Job,
    session: Session,
    *,
    names: Sequence[str],
    words: Sequence[str],
    output: Tail | None,
) -> None:
    """Say why the command *words* failed, if it needed more than the distributions *names*.

    *output* is the end of what it printed, `None` on a terminal.
    """
    command = FailedCommand(
        words=words,
        members=session.members,
        directory=session.directory,
        provided=frozenset(names),
        editable=job.editable,
        output=None if output is None else output.text,
    )
    findings: tuple[Finding, ...] = ()
    try:
        if command.may_be_explained:
            findings = explain(command, inventory_of(job))
    except Exception as error:  # noqa: BLE001 - the command's own failure is what counts
        nox_session.debug(f"wsnox cannot explain the failure: {error!r}")
    if findings:
        show_findings(nox_session, job, findings)
        return
    annotate_error(nox_session.name, f"a command failed{f': {shlex.join(words)}' if words else ''}")
    if words[1:2] == ("-m",):
        from wsnox.noxfile.program_hints import module_error  # noqa: PLC0415 - it needs this module

        if absence := module_error(words, job, session, names=names):
            nox_session.warn(str(absence))
            recorder.explain(str(absence))


def inventory_of(job: Job, *, wheels: bool = False) -> Inventory:
    """Return what is known of the workspace of *job* on its interpreter; with *wheels* of present sources in it."""
    interpreter, resolution = cached_interpreter(job.venv), job.run.session.resolution if job.run else None
    # For older Pythons than the workspace's, ``uv.lock`` has nothing.
    below = resolution is not None and resolution.base == "below"
    return Inventory(
        job.workspace,
        Resolver(job_lock(job) if below else parsed_lock(job.workspace.root), interpreter.target),
        interpreter.target,
        interpreter.site,
        known_site_packages(job.workspace.root, job.venv.location.parent),
        wheels=wheels,
    )


def show_findings(nox_session: nox.Session, job: Job, findings: Sequence[Finding], *, hints: bool = True) -> None:
    """Show *findings* in the session's output, and as annotations in GitHub Actions; they belong to the record of the run."""
    recorder.find(finding_data(finding, hints=hints) for finding in findings)
    for finding in findings:
        problem, *rest = finding_lines(finding)
        nox_session.warn("\n".join([problem, *(rest if hints else ())]))
    for command in combined_fixes(findings):
        nox_session.warn(f"together: {command}")
    prefix = checkout_prefix(job.workspace.root, os.environ)
    print_annotations(finding_annotations(findings, prefix=prefix, hints=hints), os.environ)


def annotate_error(session_name: str, sentence: str) -> None:
    """Show *sentence* where GitHub Actions lists errors."""
    print_annotations([annotation(sentence, title=f"wsnox: {session_name}")], os.environ)
