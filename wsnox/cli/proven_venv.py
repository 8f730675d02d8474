"""The environment that a command asks for without nox: which one it is, and that it holds exactly its closure.

1. ``--session NAME`` is a session as nox lists it, and one member stands for its own session: with its extras and groups,
   on its Python, with its variables. ``lib[cli]`` has these extras in place of the session's.
2. Several members are installed together, as an integration session of them installs them.
3. uv's options are on top of that.

Where that is just what a session installs, it is the session's environment in ``.nox``: nox and this command find there
what the other has prepared. Everything else has an environment beside those, with a dot in its name: those of nox have
none.
"""

from __future__ import annotations

import hashlib
import os
import platform
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.cli.places import environments_of, member_around, root_of
from wsnox.environment.isolation import activated_env, find_uv
from wsnox.environment.model import Job, Venv
from wsnox.environment.stamp import remembered_proof
from wsnox.errors import PythonRangeError, RequestError, UnknownNameError
from wsnox.resolution_errors import ResolutionOptionsError
from wsnox.text import all_known
from wsnox.version import __version__
from wsnox.workspace import discover
from wsnox.workspace.placeholders import fill, placeholders_in
from wsnox.workspace.pythons import fits, range_of
from wsnox.workspace.sessions import folder_of, runs_of
from wsnox.workspace.settings import Integration, MemberPattern, Task
from wsnox.workspace.suite import TEST, suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from packaging.utils import NormalizedName

    from wsnox.closure.request import Selection
    from wsnox.workspace import Workspace
    from wsnox.workspace.sessions import SessionRun
    from wsnox.workspace.suite import Suite

__all__ = ["ProvenVenv", "Wanted", "location_of", "proven_venv", "wanted"]


class Wanted(Record, kw_only=True):
    """What an environment has to hold: what a *run* of a session installs, with *root_groups*, and uv's *options* on top.

    *title* is nox's name for the run that installs just that, empty if none does; *label* says in words what is wanted.
    """

    label: str
    title: str
    run: SessionRun
    root_groups: tuple[str, ...]
    options: Selection | None
    editable: bool

    @property
    def minor(self) -> str:
        """The Python as sessions name it."""
        return self.run.python or _here()

    @property
    def key(self) -> str:
        """A digest of all that distinguishes the environment from others of the workspace."""
        parts = [f"{part.member.name} {part.extras} {part.groups}" for part in self.run.selections]
        groups = self.root_groups, self.run.root_defaults
        facts = repr((parts, groups, str(self.options), self.editable, self.minor, self.run.session.resolution))
        return hashlib.sha256(facts.encode()).hexdigest()[:8]


class ProvenVenv(Record, kw_only=True):
    """The environment of a *job*, as proven, with the *variables* of a command in it and its *external* programs."""

    job: Job
    variables: dict[str, str]
    external: tuple[str, ...]


def proven_venv(args: Namespace) -> ProvenVenv:
    """Return the environment that *args* ask for, prepared where it is not what was proven any more; raise a `WsnoxError`."""
    workspace = discover(root_of(args), os.environ)
    request = wanted(args, suite_of(workspace))
    job = _job(workspace, request)
    if remembered_proof(job) is None:
        from wsnox.cli.plain_host import prepare_without_nox  # noqa: PLC0415 - a warm start needs none of it

        prepare_without_nox(job, request.run.python)
    env = activated_env(job.venv, os.environ, uv=job.uv is not None)
    return ProvenVenv(
        job=job, variables={**env, **_own_variables(workspace, request)}, external=request.run.session.external
    )


def _job(workspace: Workspace, request: Wanted) -> Job:
    location = location_of(workspace.root, request)
    return Job(
        label=request.label,
        version=__version__,
        workspace=workspace,
        selections=request.run.selections,
        root_groups=request.root_groups,
        root_defaults=request.run.root_defaults,
        editable=request.editable,
        require_fresh_lock=workspace.requires_fresh_lock,
        venv=Venv(location, location / ("Scripts" if os.name == "nt" else "bin")),
        python_request=request.run.python or platform.python_version(),
        uv=find_uv(),
        environ=os.environ,
        options=request.options,
        run=request.run if request.run.session.resolution else None,
    )


def location_of(root: Path, request: Wanted) -> Path:
    """Return where the environment of *request* is, in the workspace at *root*."""
    folder, are_ours = environments_of(root)
    # In the noxfile of somebody else, a session of this name has another environment.
    if request.title and are_ours:
        return folder / folder_of(request.title)
    return folder / f"{folder_of(request.label)[:40]}.{request.key}"


def _own_variables(workspace: Workspace, request: Wanted) -> dict[str, str]:
    """Return the variables that the session sets itself, but for those with the port of what it runs in the background."""
    session = request.run.session

    def value_of(placeholder: str) -> str:
        match placeholder:
            case "python":
                return request.minor
            case "module":
                from wsnox.imports.shipped import import_package  # noqa: PLC0415 - hardly any variable needs it

                return import_package(session.members[0])
            case _:
                return session.value_of(placeholder, workspace.root)

    return {name: fill(value, value_of) for name, value in session.env.items() if "port" not in placeholders_in(value)}


# --- what is wanted ---


def wanted(args: Namespace, suite: Suite) -> Wanted:
    """Return what *args* ask for; raise a `RequestError` or a `TargetError` for what the workspace does not have."""
    runs, label, is_own = _runs(args, suite)
    python = args.python
    if python is not None and not any(python == (run.python or _here()) for run in runs):
        runs, is_own = [replace(run, python=python) for run in runs], False
    run = next((run for run in runs if (run.python or _here()) == (python or _here())), runs[0])
    resolution, version = run.session.resolution, run.python or platform.python_version()
    below = resolution is not None and resolution.base == "below"
    owners = run.session.members if below else suite.workspace.members
    if not fits(version, allowed := range_of(member.manifest for member in owners)):
        raise PythonRangeError(version, allowed, f"`{run.session.name}`" if below else "the workspace")
    for group in args.root_groups:
        if group not in suite.workspace.manifest.groups:
            raise UnknownNameError(
                "dependency group", group, suite.workspace.manifest.groups, owner="the workspace root"
            )
    root_groups = tuple(dict.fromkeys((*run.root_groups, *args.root_groups)))
    options = _options(args)
    if run.session.resolution and (options or args.root_groups):
        raise ResolutionOptionsError(run.title)
    editable = run.session.editable and not args.no_editable
    is_own = is_own and options is None and (root_groups, editable) == (run.root_groups, run.session.editable)
    return Wanted(
        label=run.title if is_own else label,
        title=run.title if is_own else "",
        run=run,
        root_groups=root_groups,
        options=options,
        editable=editable,
    )


def _options(args: Namespace) -> Selection | None:
    """Return uv's options in *args*, `None` without any: then nothing of closures need be loaded."""
    names = ("extras", "groups", "only_groups", "all_extras", "all_groups", "no_default_groups")
    if not any(getattr(args, name) for name in names):
        return None
    from wsnox.cli.context import selection_of  # noqa: PLC0415 - see above

    return selection_of(args, ())


def _runs(args: Namespace, suite: Suite) -> tuple[Sequence[SessionRun], str, bool]:
    """Return the runs that the session or the members in *args* stand for, what to call them, and whether nox has them."""
    if args.session is not None:
        from wsnox.cli.chosen import named_runs  # noqa: PLC0415 - a session may be one that only nox knows

        return named_runs(suite, args.session), args.session, True
    members = _members(args, suite.workspace)
    label = " + ".join(map(str, members))
    if len(members) > 1:
        return runs_of([suite.of_several(label, Integration(packages=tuple(members)))]), label, False
    (session,) = suite.of_members(TEST, Task(members=(members[0].pattern,)))
    # Where none of its Pythons is allowed, that is told of the one that runs wsnox.
    runs = runs_of([replace(session, pythons=session.pythons or None)])
    extras = members[0].extras
    if not extras:
        return runs, label, True
    alike = [run for run in runs if {*run.selections[0].extras} == {*extras}]
    variants = {"": (replace(runs[0].selections[0], extras=extras),)}
    others = runs_of([replace(runs[0].session, variants=variants)])
    return alike or others, label, bool(alike)


def _members(args: Namespace, workspace: Workspace) -> list[MemberPattern]:
    """Return the members that *args* name, or the one around, with their extras; raise a `RequestError` for an unknown one.

    However often and in whatever order they are named, they have one environment.
    """
    extras: dict[str, set[NormalizedName]] = {}
    for member in args.members or map(MemberPattern, member_around(args, workspace)):
        extras.setdefault(member.pattern, set()).update(member.extras)
    if not extras:
        raise RequestError("no member is around the working directory", hint=f"name one: {all_known(workspace.names)}")
    members = [MemberPattern(name, tuple(sorted(extras[name]))) for name in sorted(extras)]
    for member in members:
        manifest = workspace.named(member.pattern).manifest
        for extra in member.extras:
            if not manifest.existing_extras((extra,)):
                raise UnknownNameError("extra", extra, manifest.extras, owner=member.pattern)
    return members


def _here() -> str:
    """Return the minor version of the Python that runs wsnox."""
    return platform.python_version().rpartition(".")[0]
