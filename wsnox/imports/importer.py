"""Import modules one after another in an environment, by a program for its own interpreter, and judge what failed.

The program takes a file of names, a file for its answers, and how many seconds a module may take. It runs isolated, so
that neither the working directory nor a variable makes anything importable, on Python 3.8 or newer. It writes a line
before and after each module, so that one that ends the process is known too. Nothing waits forever: standard input is empty, a
module that does not finish in time ends the process, and what modules leave running has a few seconds to end with it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.imports.owners import STANDARD
from wsnox.imports.reporting import Finding, reported
from wsnox.imports.shipped import top_level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from wsnox.imports.findings import CheckedMember
    from wsnox.imports.inventory import Inventory
    from wsnox.workspace import Member

__all__ = ["PROGRAM", "TIME_LIMIT", "Failure", "JudgedFailures", "judge_failures", "read_failures"]

TIME_LIMIT = 300
"""How many seconds the import of a module may take: what takes longer is a server, or waits for something."""

PROGRAM = """
import faulthandler, importlib, json, os, sys, traceback
names, answers = open(sys.argv[1], encoding="utf-8").read().split(), open(sys.argv[2], "w", encoding="utf-8")
limit = float(sys.argv[3])
sys.argv[1:] = []
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
standard = getattr(sys, "stdlib_module_names", None)
def answer(*words):
    print(json.dumps(words), file=answers, flush=True)
for name in names:
    answer("start", name)
    faulthandler.dump_traceback_later(limit, exit=True, file=2)
    try:
        importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        stack = traceback.extract_tb(error.__traceback__)
        chain = [error] if isinstance(error, (ImportError, SystemExit)) else []
        while chain and not isinstance(chain[-1], ModuleNotFoundError):
            chain.append(chain[-1].__cause__ or chain[-1].__context__)
            if chain[-1] is None or chain[-1] in chain[:-1]:
                chain = []
        missing = getattr(chain[-1], "name", "") if chain else ""
        frames = [(frame.filename, frame.lineno or 0) for frame in stack if not frame.filename.startswith("<")]
        if isinstance(error, SyntaxError) and error.filename:
            frames.append((str(error.filename), error.lineno or 0))
        try:
            message = str(error)
        except Exception:
            message = ""
        in_standard = standard is None or str(missing).split(".")[0] in standard
        absence = [bool(missing) and in_standard, len(chain) > 1]
        answer("failed", name, type(error).__name__, message, str(missing or ""), frames, *absence)
    else:
        answer("done", name)
nowhere = open(os.devnull, "w")
faulthandler.dump_traceback_later(5, exit=True, file=nowhere)
"""


class Failure(Record, kw_only=True):
    """Importing *module* raised what *words* say; *missing* is the module that was not found, if that was the reason.

    *places* are the files and lines of the traceback, the innermost last. *elsewhere* says that the standard library of
    this Python may have the missing module on another platform, *handled* that the code noticed its absence, and raised
    an error of its own.
    """

    module: str
    words: str
    missing: str = ""
    places: tuple[tuple[str, int], ...] = ()
    elsewhere: bool = False
    handled: bool = False


def read_failures(lines: Iterable[str]) -> tuple[Failure, ...]:
    """Return the failures in the *lines* that the program wrote; a module that started and never finished has failed."""
    failures: list[Failure] = []
    started = ""
    for line in lines:
        if not line.endswith("]"):
            # The interpreter ended before it had written the whole line.
            continue
        kind, name, *rest = json.loads(line)
        started = name if kind == "start" else ""
        if kind == "failed":
            error, message, missing, frames, elsewhere, handled = rest
            first = message.strip().partition("\n")[0]
            failure = Failure(
                module=name,
                words=f"{error}: {first}" if first else error,
                missing=missing,
                places=tuple((file, line_number) for file, line_number in frames),
                elsewhere=elsewhere,
                handled=handled,
            )
            failures.append(failure)
    if started:
        words = f"it ended the interpreter, or took more than {TIME_LIMIT} seconds"
        failures.append(Failure(module=started, words=words))
    return tuple(failures)


class JudgedFailures(Record, kw_only=True):
    """The *findings* of modules that could not be imported; *need* has the excused ones, by what they lack, in words."""

    findings: tuple[Finding, ...]
    need: Mapping[str, Sequence[str]]


def judge_failures(
    inventory: Inventory,
    member: Member,
    failures: Iterable[Failure],
    checked: CheckedMember,
    *,
    installed: Collection[str] = (),
) -> JudgedFailures:
    """Return what to report of *failures* to import modules of *member*, beyond what was found when it was *checked*.

    A module that needs an extra may fail without it, one for another platform may lack what only that platform has, and
    one that handles an absence may raise an error of its own. A module that could not be judged may come from an extra as
    well. Nothing excuses the absence of a module of what is *installed*: another version has it. Of modules that fail in the
    same line, the first is named.
    """
    spared = checked.optional | {top_level(module) for module in checked.unsure}
    need: dict[str, list[str]] = {}
    findings: list[Finding] = []
    for failure in failures:
        missing, top = failure.missing, top_level(failure.missing)
        owners = inventory.owners.of(missing) if missing else ()
        extras = inventory.closures(member).declaring_extras if owners else {}
        extra = next((extras[owner.name] for owner in owners if owner.name in extras), "")
        is_of_version = any(owner.name in installed for owner in owners)
        if extra and not is_of_version:
            need.setdefault(f"the extra `{extra}`", []).append(failure.module)
        elif not is_of_version and (failure.handled or top in spared or (failure.elsewhere and top in STANDARD)):
            need.setdefault(f"`{top}`", []).append(failure.module)
        else:
            finding = _failing(inventory, member, failure)
            names, places = {missing, top} - {""}, set(finding.places)
            if not any(cause.module in names or places & {*cause.places} for cause in checked.findings):
                findings.append(finding)
    return JudgedFailures(findings=tuple(_first_of_each_line(reported(findings, inventory.workspace))), need=need)


def _failing(inventory: Inventory, member: Member, failure: Failure) -> Finding:
    """Return the finding for *failure*, at the last line of the member's own files that the traceback has."""
    root, directory = inventory.workspace.root.resolve(), member.directory.resolve()
    files = {module.name: module.file for module in inventory.files(member).shipped.modules}
    path, line = directory / files[failure.module], 0
    for frame, number in failure.places:
        if source := _own_source(Path(frame).resolve(), directory, files):
            path, line = source, number
    file = path.relative_to(root) if path.is_relative_to(root) else path
    return Finding(
        member=member.name,
        kind="failing",
        module=failure.module,
        places=((file.as_posix(), line),),
        raised=failure.words,
    )


def _own_source(path: Path, directory: Path, files: Mapping[str, str]) -> Path | None:
    """Return the file of *directory*, among *files* by module, that is at *path*, or has its installed copy there."""
    starts = [index for index, part in enumerate(path.parts, 1) if part == "site-packages"]
    if not starts:
        is_own = path.is_relative_to(directory) and path.relative_to(directory).as_posix() in files.values()
        return path if is_own else None
    module = ".".join(path.parts[starts[-1] :]).removesuffix(".py").removesuffix(".__init__")
    return directory / files[module] if module in files else None


def _first_of_each_line(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the first of the *findings* with the same places and error, with the number of the others."""
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.places, finding.raised), []).append(finding)
    for first, *others in groups.values():
        more = f" (and {len(others)} more of its modules, for that)" if others else ""
        yield replace(first, raised=f"{first.raised}{more}")
