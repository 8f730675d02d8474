"""``wsnox init``: a noxfile for the workspace, with the settings to add where its tests would find no pytest.

The closures of the lockfile show whether they would; without a lockfile, nothing is advised.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wsnox.cli.context import LockedWorkspace, root_of
from wsnox.cli.output import show
from wsnox.cli.summaries import summaries
from wsnox.errors import LockError, NoxfileExistsError
from wsnox.lock import LOCKFILE, read_lock
from wsnox.text import counted
from wsnox.workspace import discover
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from wsnox.workspace import Manifest, Workspace

__all__ = ["advised", "noxfile", "run"]

_DOCSTRING = (
    '"""The sessions of this workspace: `nox -l` lists them, `[tool.wsnox]` in pyproject.toml configures them."""'
)
_CALL = "import wsnox\n\nwsnox.sessions()\n"


def run(args: Namespace) -> int:
    """Write the noxfile of the workspace that *args* name, and say what comes next."""
    workspace = discover(root_of(args))
    sessions = [session for session in suite_of(workspace).configured() if session.default]
    path = workspace.root / "noxfile.py"
    if path.exists():
        raise NoxfileExistsError(path)
    advice = advised(workspace, _without_pytest(args, workspace))
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(noxfile(advice))
    except FileExistsError:
        raise NoxfileExistsError(path) from None
    if args.json:
        show({"path": path.as_posix(), "sessions": len(sessions), "advice": advice})
        return 0
    print(path)
    prefix = "" if (workspace.root / LOCKFILE).exists() else "`uv lock`; then "
    print(f"next: {prefix}`nox` runs {counted(len(sessions), 'session')}, `nox -l` lists them", file=sys.stderr)
    if advice:
        print("\n".join(["", _reason(advice), "", *advice]), file=sys.stderr)
    return 0


def noxfile(advice: Iterable[str]) -> str:
    """Return the noxfile, with the lines of *advice* as a comment."""
    lines = [*advice]
    if not lines:
        return f"{_DOCSTRING}\n\n{_CALL}"
    comment = "\n".join(["#", *(f"#     {line}" for line in lines)])
    return f"{_DOCSTRING}\n\n# {_reason(lines)}\n{comment}\n\n{_CALL}"


def _reason(advice: Iterable[str]) -> str:
    keys = " and ".join(f"`{line.partition(' ')[0]}`" for line in advice if not line.startswith("["))
    return f"Some tests find no pytest in their closure. Set {keys} in the pyproject.toml beside this file:"


def _without_pytest(args: Namespace, workspace: Workspace) -> list[Manifest]:
    """Return the manifests of the members whose own session has tests, and nothing to run them with."""
    try:
        locked = LockedWorkspace(workspace=workspace, lock=read_lock(workspace.root))
    except LockError:
        return []
    failing = {
        summary.session.name: summary.session.members[0].manifest
        for summary in summaries(args, locked)
        if summary.problem and not summary.session.integration
    }
    return [*failing.values()]


def advised(workspace: Workspace, failing: Iterable[Manifest]) -> tuple[str, ...]:
    """Return the lines of TOML that give pytest to the *failing* members: from a group of their own, else of the root."""
    groups, root_groups = set[str](), set[str]()
    for manifest in failing:
        groups.update(manifest.groups_with("pytest")[:1])
        if not manifest.groups_with("pytest"):
            root_groups.update(workspace.manifest.groups_with("pytest")[:1])
    if groups:
        # The key replaces the groups that uv installs by default.
        groups.update(*(member.manifest.groups_by_default() for member in workspace.members))
    keys = [f"{key} = {_array(names)}" for key, names in (("groups", groups), ("root-groups", root_groups)) if names]
    return ("[tool.wsnox]", *keys) if keys else ()


def _array(groups: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{group}"' for group in sorted(groups)) + "]"
