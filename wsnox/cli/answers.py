"""What each command answers with ``--json``: its JSON Schema, of which `wsnox schema` prints one and the reference has all.

One name means one thing in all of them. A property is always there, null where there is nothing to say; only sources and
reasons have those of their kind alone. `members` are objects with a `name`, `distributions` with `name`, `version` and
`source`; `session` is what ``nox -s`` takes; `size` counts distributions, and a chain is an array. The report is the record
of a run, which `wsnox report` reads again: it has the names of members, and empty texts.
"""

from __future__ import annotations

from typing import get_args

from wsnox.cli.answer_parts import (
    AFFECTED_SESSION,
    BASE,
    CHANGES,
    CHOSEN,
    COMMAND,
    COMMANDS,
    DISTRIBUTION,
    EDGE,
    EVERYTHING,
    FINDING,
    MEMBER,
    SESSION,
    SINCE,
    SOURCE,
    STEP,
    TARGET,
    Properties,
    Schema,
    array,
    either,
    mapping,
    maybe,
    one,
    several,
)  # fmt: skip
from wsnox.cli.output import VERSION
from wsnox.runs.record import RESULTS
from wsnox.workspace.sessions import SessionKind

__all__ = ["ANSWERS", "ERROR", "answer_schema"]

_LISTED_MEMBER: Properties = {
    **MEMBER,
    "requires_python": "string? Its own range of Pythons.",
    "source": maybe(SOURCE),
    "extras": "strings Its extras.",
    "groups": "strings Its dependency groups.",
    "size": "integer? How many distributions its closure has; null where it has none.",
    "reason": "string? Why it has none.",
}
_LISTED_SESSION: Properties = {
    "name": "string The name, without Python and variant.",
    "kind": either("What it is for.", *get_args(SessionKind)),
    "variant": "string? The variant, of a session that has several.",
    "description": "string What nox says of it.",
    "skip": "string? Why it is skipped.",
    "members": several(
        "What is installed.",
        {
            **MEMBER,
            "extras": "strings Extras.",
            "groups": "strings? Dependency groups; null for those that uv installs by default.",
        },
    ),
    "root_groups": "strings Dependency groups of the workspace root.",
    "root_default_groups": "boolean Whether those of the root that uv installs by default come on top.",
    "editable": "boolean Whether members are installed in place, or as wheels.",
    "pythons": "strings? The Pythons; null for the one that runs nox.",
    "runs": several(
        "One for each Python.",
        {
            "session": SESSION,
            "python": "string? Null for the Python that runs nox.",
            "size": "integer? How many distributions it installs; null where it has no closure.",
            "reason": "string? Why it has none.",
        },
    ),
    "default": "boolean Whether plain `nox` runs it.",
    "tags": "strings What `nox -t` takes.",
    "requires": "strings The sessions that run before.",
    "env": mapping("Environment variables."),
    "directory": "string Where the commands run, relative to the workspace root.",
    "commands": COMMANDS,
    "commands_configured": "boolean Whether somebody configured them.",
    "function": "boolean Whether a function of the noxfile is what runs.",
    "commands_before": COMMANDS,
    "commands_after": COMMANDS,
    "background": several(
        "Commands beside the others.",
        {
            "name": "string Its name.",
            "command": COMMAND,
            "ready": {"description": "When the session goes on; null for at once.", "type": ["object", "null"]},
            "timeout": "integer For how many seconds that may take.",
            "log": "string? The file for its output.",
        },
    ),
    "checks_imports": "boolean Whether it imports all that the member ships.",
    "resolution": "string? The resolution whose versions it installs; null for those of `uv.lock`.",
    "problem": "string? Why its commands must fail.",
}
_LIST: Properties = {
    "root": "string The workspace root.",
    "requires_python": "string The range of Pythons that the lockfile is for.",
    "narrowed_by": several(
        "Who narrows that range.",
        {
            "member": "string A member.",
            "end": either("Which end.", "floor", "ceiling"),
            "bound": "string The version.",
        },
    ),
    "target": TARGET,
    "members": several("All members.", _LISTED_MEMBER),
    "sessions": several("Those of wsnox, an entry for each variant.", _LISTED_SESSION),
    "other_sessions": several(
        "Those of nox's own in the noxfile.",
        {
            "name": "string Its name.",
            "description": "string? What nox says of it.",
            "pythons": "strings Its Pythons.",
            "tags": "strings What `nox -t` takes.",
            "default": "boolean Whether plain `nox` runs it.",
        },
    ),
    "left_out": several(
        "Pythons that the range leaves out.",
        {
            "python": "string The version.",
            "session_names": "strings The sessions that would run on it.",
            "reason": "string Who leaves it out.",
        },
    ),
}
_ENTRY: Properties = {
    **DISTRIBUTION,
    "extras": "strings Those that are switched on.",
    "requested": "boolean Whether it was asked for, rather than brought by another.",
    "required_by": several("What brings it.", {"name": "string? The package; null for the workspace root.", **EDGE}),
}
_CLOSURE: Properties = {
    "session": CHOSEN,
    "members": several(
        "What is requested.",
        {
            **MEMBER,
            "production": "boolean Whether its dependencies are, rather than groups alone.",
            "extras": "strings Extras.",
            "groups": "strings Dependency groups.",
        },
    ),
    "root_groups": "strings Dependency groups of the workspace root.",
    "target": TARGET,
    "distributions": several("What is installed.", _ENTRY),
    "virtual": several("Members that are never installed, whose dependencies are.", _ENTRY),
}
_WHY: Properties = {
    "session": CHOSEN,
    "members": several("Whose closure it is; none for all.", MEMBER),
    "target": TARGET,
    "package": "string The package to explain.",
    "distributions": several("Those of this name in `uv.lock`.", DISTRIBUTION),
    "total": "integer How many shortest chains there are; 0 where the closure does not have the package.",
    "chains": array("The first fifty of them.", several("A chain.", STEP)),
    "held_by": "strings Where there is no chain: the sessions that have it.",
    "given_by": "strings Where there is no chain: the options that would bring it.",
}
_DIFF: Properties = {
    "compared": several(
        "The two closures.",
        {
            "revision": "string? The git revision; null for what is on disk.",
            "session": CHOSEN,
            "members": several("Whose closure it is.", MEMBER),
        },
    ),
    "target": TARGET,
    "size": "integer How many distributions the second has.",
    "changes": CHANGES,
}
_EXPORT: Properties = {
    "session": CHOSEN,
    "members": several("Whose closure it is; none for all.", MEMBER),
    "target": TARGET,
    "file": "string? The file that was written.",
    "pylock": {"description": "What a PEP 751 file says.", "type": "object"},
}
_CHECK: Properties = {
    "session": "string? The session that was checked; null for members.",
    "members": several("The members that were checked.", MEMBER),
    "target": TARGET,
    "stale": "strings How the lockfile differs from the manifests.",
    "unused_pythons": several(
        "Versions in `pythons` on which no session runs.", {"file": "string The manifest.", "reason": "string Why."}
    ),
    "without_effect": several(
        "What files say that nobody reads.", {"file": "string The file.", "reason": "string What is wrong with it."}
    ),
    "sessions": several("Those that must fail.", {"session": SESSION, "reason": "string Why."}),
    "findings": several("Imports that members do not declare.", FINDING),
    "unsure": several(
        "Modules of which it is not known who provides them.",
        {"member": "string The member that imports them.", "modules": "strings The modules."},
    ),
    "unread": "strings Files that cannot be parsed.",
    "unjudged": several(
        "Members whose imports are not judged.",
        {"member": "string The member.", "setting": "string The build setting that is not read."},
    ),
}
_GRAPH: Properties = {
    "members": several(
        "The members, and the root where its groups need one.",
        {
            **MEMBER,
            "is_virtual": "boolean Whether it is never installed.",
            "is_root": "boolean Whether it is the workspace root.",
        },
    ),
    "arrows": several(
        "Which member needs which.",
        {
            "from": "string A member.",
            "to": "string A member.",
            "parts": "strings The extras and groups for which it does; none where it always does.",
        },
    ),
}
_INIT: Properties = {
    "path": "string The noxfile.",
    "written": "strings The files that were written.",
    "session_names": "strings What plain `nox` runs.",
    "advice": "strings Lines of settings that were not written.",
    "problems": "strings What lets the first run fail.",
}
_SINCE: Properties = {
    "since": SINCE,
    "base": BASE,
    "total": "integer How many sessions there are to choose from.",
    "everything": EVERYTHING,
    "sessions": several("What is affected.", AFFECTED_SESSION),
}
_EXPLAIN: Properties = {
    "path": "string The file, relative to the workspace root.",
    "reason": "string Which rule says what a change of it means.",
    "every_session": "boolean Every session runs.",
    "packages": "strings Sessions run that have one of these in their closure.",
    "own_sessions_of": "strings The sessions of these members run.",
    "tools": "strings Sessions run that have one of these in their closure or commands.",
    "session_names": "strings Sessions run that are called so.",
    "in_root": "boolean Sessions run whose directory is the workspace root.",
    "sessions": several("All sessions that run because of it.", {"session": SESSION}),
}
_HISTORY: Properties = {
    "selected": "integer How many sessions would have run, over all commits.",
    "total": "integer Of how many.",
    "commits": several(
        "The commits, the oldest first.",
        {
            "commit": "string Its name.",
            "subject": "string Its subject.",
            "selected": "integer How many sessions would have run.",
            "total": "integer Of how many.",
            "everything": EVERYTHING,
            "reason": "string? Why nothing is known of it.",
        },
    ),
    "causes": several(
        "What affected every session.",
        {
            "reason": "string What the rules say of it.",
            "paths": "strings The files, if any.",
            "in_commits": "strings In which commits.",
            "alone": "integer In how many commits nothing else did.",
        },
    ),
    "folders": several(
        "What affected most sessions otherwise.",
        {
            "path": "string The folder or file.",
            "selected": "integer How many sessions it affected, over all commits.",
            "in_commits": "strings In which commits.",
        },
    ),
}
_EDITOR: Properties = {
    "settings_files": several(
        "The files of the editor or type checker.",
        {
            "path": "string The file.",
            "content": "string What it says of the environments.",
            "changed": "boolean Whether it differs from what stands there.",
        },
    ),
}
_LOCK: Properties = {
    "resolutions": several(
        "A file for each session that has a resolution of its own.",
        {
            "session": "string? The session, as `nox -s` takes it; null for a file that is of none.",
            "file": "string The file, relative to the workspace root.",
            "changed": "boolean Whether it was written.",
            "reason": "string? Why it was not, or what is wrong with it.",
            "floors": mapping("The lowest versions of direct dependencies, by name."),
            "lifted": mapping("Those that something else holds higher, with what."),
            "untested": "strings Those without a lower bound.",
            "unreleased": "strings Members that stand for their next release.",
            "omitted": mapping(
                "Groups that are left out, `member:group`, as they are for newer Pythons, with what says so."
            ),
        },
    ),
}
_MATRIX: Properties = {
    "since": SINCE,
    "base": BASE,
    "everything": EVERYTHING,
    "jobs": several(
        "The jobs.",
        {
            "sessions": several("What it runs.", AFFECTED_SESSION),
            "pythons": "strings The Pythons that it needs, beside the one that runs nox.",
            "seconds": "number How long it is expected to take.",
        },
    ),
}
_REPORT: Properties = {
    "wsnox": "string The version of wsnox that ran.",
    "started": "string When, in UTC.",
    "seconds": "number How long it took.",
    "not_run": "integer How many more sessions did not run, as nox ended before.",
    "platform": "string The platform: `sys.platform`.",
    "sessions": several(
        "What each session did.",
        {
            "session": SESSION,
            "name": "string The same without Python and variant.",
            "result": either("How it ended.", *RESULTS),
            "kind": either("What it is for.", *get_args(SessionKind), "other"),
            "members": "strings The names of its members.",
            "task": "string The task, of a further one of a member.",
            "python": "string Its Python.",
            "variant": "string The variant, of a session that has several.",
            "reason": "string Why it did not pass.",
            "preparation": "number The seconds until the environment was proven.",
            "commands": "number The seconds that its commands took.",
            "unchanged": "boolean Whether the environment was still as it was proven.",
            "size": "integer How many distributions it has.",
            "command": "string The command that failed.",
            "findings": several("Imports that it must not count on.", FINDING),
        },
    ),
}

ANSWERS: dict[str, dict[str, Properties]] = {
    "init": {"": _INIT},
    "check": {"": _CHECK},
    "list": {"": _LIST},
    "closure": {"": _CLOSURE},
    "why": {"": _WHY},
    "diff": {"": _DIFF},
    "graph": {"": _GRAPH},
    "export": {"": _EXPORT},
    "editor": {"": _EDITOR},
    "lock": {"": _LOCK},
    "affected": {"--since": _SINCE, "--explain": _EXPLAIN, "--history": _HISTORY},
    "matrix": {"": _MATRIX},
    "report": {"": _REPORT},
}
"""What each command answers, by the option that is answered where it has several answers."""
_VERSION: Properties = {"version": {"description": "The version of all these forms.", "const": VERSION}}
ERROR: Properties = {
    **_VERSION,
    "error": one(
        "What is wrong.",
        {
            "kind": "string The name of the error, as the exit codes list it.",
            "sentence": "string What is wrong, in one sentence.",
            "hint": "string? What to do.",
            "exit_code": "integer The exit code.",
        },
    ),
}
"""What stands on stdout in place of an answer where a command fails."""


def answer_schema(command: str) -> Schema:
    """Return the JSON Schema of all that *command* can write to stdout with ``--json``."""
    forms = {f"The answer{f' to `{option}`' if option else ''}.": answer for option, answer in ANSWERS[command].items()}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"wsnox {command} --json",
        "anyOf": [
            *(one(about, {**_VERSION, **answer}) for about, answer in forms.items()),
            one("In place of an answer, where the command fails.", ERROR),
        ],
    }
