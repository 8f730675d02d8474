"""``MEMBER:imports``: import every module that the member ships, and read its imports against what it declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.closure import Resolver
from wsnox.environment.interpreter import cached_interpreter
from wsnox.environment.locked import lock_of
from wsnox.environment.variables import known_site_packages
from wsnox.imports.findings import check_member, judge_failures
from wsnox.imports.importer import PROGRAM, TIME_LIMIT, read_failures
from wsnox.imports.inventory import Inventory
from wsnox.imports.members import is_test
from wsnox.noxfile.explain import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import nox

    from wsnox.environment.model import Job
    from wsnox.imports.importer import Failure
    from wsnox.workspace import Member

__all__ = ["check_imports"]

SHOWN = 4
"""How many modules that were not imported are named before the rest is counted."""


def check_imports(session: nox.Session, job: Job, member: Member) -> None:
    """Import what *member* ships in the environment of *job*, and fail the *session* on what it must not count on."""
    interpreter = cached_interpreter(job)
    lock = lock_of(job)
    near = known_site_packages(job.workspace.root, job.location.parent)
    reading = Inventory(job.workspace, lock, interpreter.target, [*interpreter.site, *near])
    modules = [
        module.name
        for module in reading.sources(member).shipped.modules
        if not is_test(module.file) and module.name.rpartition(".")[2] != "__main__"
    ]
    failed = _failed(session, job, modules) if modules else ()
    found = check_member(reading, member, Resolver(lock, interpreter.target))
    verdict = judge_failures(reading, member, failed, found)
    for needed, names in verdict.need.items():
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        session.log(f"{session.name}: not imported without {needed}: {', '.join(names[:SHOWN])}{more}")
    if found.layout:
        session.warn(
            f"{session.name}: its imports are not judged, as {found.layout} decides what it ships and is not read"
        )
    elif found.unsure:
        session.warn(f"{session.name}: nobody knows who provides {', '.join(found.unsure)}")
    findings = (*found.findings, *verdict.findings)
    if findings:
        explain(session, job, findings)
        undeclared = _counted(len(found.findings), "undeclared import")
        session.error(undeclared if found.findings else f"not every module of {member.name} can be imported")
    imported = len(modules) - sum(map(len, verdict.need.values()))
    judged = "" if found.layout else ", every import is declared"
    session.log(f"{session.name}: {_counted(imported, 'module')} imported{judged}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _failed(session: nox.Session, job: Job, modules: Sequence[str]) -> tuple[Failure, ...]:
    names, answers = job.folder / "imports.txt", job.folder / "imports.jsonl"
    names.write_text("\n".join(modules), encoding="utf-8")
    answers.unlink(missing_ok=True)
    # Unbuffered: what a module says is there however it ends.
    command = (str(job.python), "-I", "-u", "-c", PROGRAM, str(names), str(answers), str(TIME_LIMIT))
    # How it ends says nothing: what a module does when it is imported is its own affair.
    ran = session.run(*command, success_codes=range(-128, 1 << 32), log=False)
    if ran is None:
        # nox runs nothing under `--install-only`, and says so; what can be read is checked all the same.
        return ()
    if not answers.exists():
        session.error("the environment's Python ended before it imported anything\n\nhint: what it said stands above")
    return read_failures(answers.read_text(encoding="utf-8").splitlines())
