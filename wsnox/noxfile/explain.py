"""After a failed command: the imports that the session's closure cannot provide, where they explain the failure."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from wsnox.environment.interpreter import cached_interpreter
from wsnox.environment.locked import lock_of
from wsnox.environment.variables import known_site_packages
from wsnox.imports.findings import FailedCommand, check_command
from wsnox.imports.inventory import Inventory
from wsnox.imports.members import unshipped_files
from wsnox.imports.report import (
    annotation,
    checkout_prefix,
    combined_fixes,
    finding_annotations,
    finding_lines,
    in_github_actions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import nox

    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job
    from wsnox.imports.model import Finding
    from wsnox.noxfile.output import Overheard
    from wsnox.workspace.sessions import Session

__all__ = ["explain", "explain_failure"]

_TESTERS = frozenset({"coverage", "nose2", "py.test", "pytest", "tox", "trial", "unittest"})
_CHECKERS = frozenset({"mypy", "pylint", "pyright", "basedpyright", "ty"})


def explain_failure(
    session: nox.Session,
    job: Job,
    spec: Session,
    *,
    names: Sequence[str],
    words: Sequence[str],
    heard: Overheard | None,
) -> None:
    """Say why the command *words* of *session* failed, if it needed what is not among the distributions *names*.

    *heard* is what it printed, `None` where nobody listened.
    """
    try:
        findings = _explained(job, spec, names, words, heard)
    except Exception:  # noqa: BLE001 - the command failed for a reason of its own, and that is what counts
        findings = ()
    explain(session, job, findings)
    if not findings:
        command = f": {shlex.join(words)}" if words else ""
        _annotate([annotation(f"a command failed{command}", title=f"wsnox: {session.name}")])


def explain(session: nox.Session, job: Job, findings: Sequence[Finding]) -> None:
    """Say *findings* in the session's output, and as annotations in GitHub Actions."""
    for finding in findings:
        session.warn("\n".join(finding_lines(finding)))
    for command in combined_fixes(findings):
        session.warn(f"together: {command}")
    _annotate(finding_annotations(findings, prefix=checkout_prefix(job.workspace.root, os.environ)))


def _annotate(lines: Iterable[str]) -> None:
    """Print *lines*, which are annotations, where GitHub Actions reads them."""
    if in_github_actions(os.environ):
        for line in lines:
            # A path may have letters that the encoding of standard output lacks; what failed is said anyway.
            with suppress(UnicodeEncodeError):
                print(line, flush=True)


def _explained(
    job: Job, spec: Session, names: Sequence[str], words: Sequence[str], heard: Overheard | None
) -> tuple[Finding, ...]:
    """Return the imports that cannot work where *names* is installed, if they explain why the command *words* failed.

    Where nobody listened, what the command is tells whether it imports code at all.
    """
    if not _imports_code(words) if heard is None else not heard.missing and job.editable:
        return ()
    interpreter = cached_interpreter(job)
    near = known_site_packages(job.workspace.root, job.location.parent)
    reading = Inventory(job.workspace, lock_of(job), interpreter.target, [*interpreter.site, *near])
    findings = _imports(reading, spec, names, words)
    if heard is not None and not any(_is_of(each.module, name) for each in findings for name in heard.missing):
        findings = ()
    return (*findings, *(_unshipped(reading, spec, interpreter, heard) if heard and not job.editable else ()))


def _imports(reading: Inventory, spec: Session, names: Sequence[str], words: Sequence[str]) -> tuple[Finding, ...]:
    programs = _words(words)
    ran = FailedCommand(
        members=spec.members,
        directory=spec.directory,
        provided=frozenset(names),
        tests=bool(_TESTERS.intersection(names) or programs & {*_TESTERS, "python"}),
        code=_code(words),
    )
    return check_command(reading, ran)


def _unshipped(reading: Inventory, spec: Session, interpreter: Interpreter, heard: Overheard) -> Iterator[Finding]:
    """Yield the files that wheels of the session's members leave out and that the failed command speaks of."""
    text = heard.text
    modules = {f"{name.replace('.', '/')}{end}" for name in heard.missing for end in (".py", "/__init__.py")}
    for member in spec.members:
        for each in unshipped_files(reading.sources(member), interpreter.site):
            code = each.module.endswith(".py")
            if each.module in modules if code else each.module.rpartition("/")[2] in text:
                yield each


def _words(words: Sequence[str]) -> set[str]:
    """Return the names of the programs that *words* run: the first, and those that ``-m`` names."""
    named = [*words[:1], *(after for word, after in pairwise(words) if word == "-m")]
    stems = {os.path.basename(word).removesuffix(".exe") for word in named}  # noqa: PTH119 - of any system
    return {"python" if stem.startswith("python") else stem for stem in stems}


def _imports_code(words: Sequence[str]) -> bool:
    return bool(_words(words) & {*_TESTERS, *_CHECKERS, "python"})


def _code(words: Sequence[str]) -> str:
    """Return the program that *words* hand to ``python -c``, if they do."""
    if "python" in _words(words):
        return next((after for word, after in pairwise(words) if word == "-c"), "")
    return ""


def _is_of(module: str, name: str) -> bool:
    return f"{name}.".startswith(f"{module}.") or f"{module}.".startswith(f"{name}.")
