"""Whole workspaces and selections made by hypothesis, as odd as uv accepts them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from tests.support.wheels import Wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ASSETS", "Draft", "Shape", "selections", "shapes"]

T = TypeVar("T")

ASSETS = "{assets}"
"""Stands in a manifest for the URL of the folder with archives and repositories that all workspaces share."""

MARKERS = (
    "sys_platform == 'win32'",
    "sys_platform != 'win32'",
    "sys_platform == 'linux'",
    "'linux' in sys_platform",
    "sys_platform in 'linux darwin'",
    "os_name == 'nt'",
    "platform_system == 'Darwin'",
    "platform_machine == 'x86_64'",
    "platform_machine in 'arm64 aarch64'",
    "implementation_name == 'cpython'",
    "platform_python_implementation == 'PyPy'",
    "python_version < '3.12'",
    "python_version >= '3.12'",
    "python_version in '3.11 3.12'",
    "python_version not in '3.11'",
    "python_version == '3.12.*'",
    "python_version ~= '3.11'",
    "python_full_version < '3.11.5'",
    "python_full_version != '3.11.7'",
    "sys_platform == 'linux' and python_version < '3.12'",
    "sys_platform == 'win32' or python_version >= '3.13'",
    "(sys_platform == 'linux' or sys_platform == 'darwin') and platform_machine != 'arm64'",
)
SPLITS = (
    ("sys_platform == 'win32'", "sys_platform != 'win32'"),
    ("python_version < '3.12'", "python_version >= '3.12'"),
    ("platform_machine == 'x86_64'", "platform_machine != 'x86_64'"),
    ("sys_platform == 'linux' and python_version < '3.12'", "sys_platform != 'linux'"),
)
ENVIRONMENTS = (
    ["sys_platform == 'linux'"],
    ["sys_platform == 'linux'", "sys_platform == 'win32'"],
    ["python_version < '3.13'", "sys_platform != 'darwin' and python_version >= '3.13'"],
)
PYTHONS = ("", "", ">=3.9", ">=3.10", ">=3.9,!=3.10.*", ">=3.11,<3.14", ">=3.9,!=3.11.3,!=3.12.*", ">3.10", "~=3.11")
EXTRAS = ("x", "y", "Big.Extra")
GROUPS = ("dev", "lint", "Test_All", "docs")
MEMBERS = ("app", "core", "Util.Kit", "web_api", "tools")
THIRD_PARTY = ("num", "leaf", "mid", "ring", "Odd.Name_X", "fancy")

VENDORED: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "v-wheel": ({"path": "vendor/v_wheel-1.0-py3-none-any.whl"},),
    "v-sdist": ({"path": "vendor/v_sdist-1.0.tar.gz"},),
    "v-dir": ({"path": "vendor/v-dir"},),
    "v-live": ({"path": "vendor/v-live", "editable": True},),
    "v-virtual": ({"path": "vendor/v-virtual", "package": False},),
    "v-outside": ({"path": "../outside/v-outside"},),
    "v-git": ({"git": f"{ASSETS}/repository", "subdirectory": "v-git"},),
    "v-tag": ({"git": f"{ASSETS}/v-tag", "tag": "v1"},),
    "v-fork": (
        {"path": "vendor/v_fork-1.0-py3-none-any.whl", "marker": "sys_platform == 'linux'"},
        {"path": "vendor/v_fork-2.0-py3-none-any.whl", "marker": "sys_platform != 'linux'"},
    ),
}
"""What stands outside the index, and the entries of ``tool.uv.sources`` that lead to it, seen from the root."""
DIRECT = f" @ {ASSETS}/v_url-1.0-py3-none-any.whl"
"""A direct reference; uv takes no ``file:`` URL in ``tool.uv.sources``."""


@dataclass
class Draft:
    """A project while it is drawn; *path* is its folder relative to the root, ``.`` for the root's own project.

    *later* is what its manifest says of groups and defaults once it is locked: lockfiles get stale.
    """

    name: str
    path: str
    dependencies: list[str] = field(default_factory=list)
    extras: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[Any]] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)
    uv: dict[str, Any] = field(default_factory=dict)
    build_system: bool = True
    dynamic: bool = False
    later: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A workspace to write: *wheels* of its index, the *root* table of uv, its *projects*, *root_groups* of a virtual root.

    Where *downgraded*, the lockfile is made to look as if an older uv had written it.
    """

    wheels: tuple[Wheel, ...]
    projects: tuple[Draft, ...]
    root: Mapping[str, Any]
    root_groups: Mapping[str, Sequence[Any]]
    downgraded: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names, normalised."""
        return tuple(canonicalize_name(project.name) for project in self.projects)

    def parts(self, kind: str) -> tuple[str, ...]:
        """Return the names of all ``extras`` or ``groups``, normalised."""
        tables: list[Mapping[str, object]] = [getattr(project, kind) for project in self.projects]
        if kind == "groups":
            tables.append(self.root_groups)
        legacy = {"dev"} if any("dev-dependencies" in project.uv for project in self.projects) else set()
        return tuple(sorted({*legacy, *(canonicalize_name(name) for table in tables for name in table)}))


class _Drawer:
    """Short ways to draw, and what makes this workspace fork: nearly every mixture has no solution.

    *split* is the pair of markers along which ``num`` forks, *conflicting* how many conflicts are declared.
    """

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        forks = self.one(("none", "markers", "markers", "conflicts", "conflicts", "conflicts", "both"))
        self.split = self.one(SPLITS) if forks in ("markers", "both") else None
        self.conflicting = self.one((1, 1, 1, 2)) if forks in ("conflicts", "both") else 0

    def one(self, values: Sequence[T]) -> T:
        drawn: T = self.draw(st.sampled_from(values))
        return drawn

    def some(self, values: Sequence[T], most: int) -> list[T]:
        drawn: list[T] = self.draw(st.lists(st.sampled_from(values), max_size=most, unique=True)) if values else []
        return drawn

    def chance(self, one_in: int) -> bool:
        return self.number(1, one_in) == one_in

    def number(self, least: int, most: int) -> int:
        drawn: int = self.draw(st.integers(least, most))
        return drawn

    def marked(self, requirement: str, one_in: int) -> str:
        return f"{requirement} ; {self.one(MARKERS)}" if self.chance(one_in) else requirement


def _wheels(d: _Drawer) -> tuple[Wheel, ...]:
    """Draw the index: every name exists, ``num`` in three versions, with extras, markers and cycles among them."""
    wheels = [Wheel("num", version) for version in ("1.0", "2.0", "3.0")]
    for name in THIRD_PARTY[1:]:
        for version in ("1.0", "2.0")[: d.number(1, 2)]:
            extras = {extra: _third_party(d, name, 2) for extra in d.some(("x", "fast"), 2)}
            wheels.append(Wheel(name, version, requires=_third_party(d, name, 2), extras=extras))
    return tuple(wheels)


def _third_party(d: _Drawer, own: str, most: int) -> list[str]:
    found = []
    for name in d.some(THIRD_PARTY, most):
        extra = d.one(("", "", "[x]", "[fast]", "[x,fast]")) if name != "num" else ""
        if name != own or extra:
            bound = d.one(("", "", "", "", "", "<3")) if name == "num" and not d.conflicting else ""
            found.append(d.marked(f"{name}{extra}{bound}", 3))
    return found


def _requirements(d: _Drawer, members: Sequence[str], most: int, own: str = "") -> list[Any]:
    """Draw requirements on members, third parties and vendored packages, forks included."""
    found: list[Any] = []
    for _ in range(d.number(0, most)):
        kind = d.one(("member", "member", "third", "third", "fork", "vendored"))
        if kind == "member" and members:
            name = d.one(members)
            extra = d.one(("", "", "[x]", "[y]", "[x,big_extra]"))
            if name != own or extra:
                found.append(d.marked(f"{d.one((name, canonicalize_name(name)))}{extra}", 4))
        elif kind == "fork" and d.split:
            found += [f"num<2 ; {d.split[0]}", f"num>=2 ; {d.split[1]}"]
        elif kind == "vendored":
            name, place = d.one((*((name, "") for name in VENDORED), ("v-url", DIRECT)))
            found.append(d.marked(f"{name}{d.one(('', '', '[x]'))}{place}", 4))
        else:
            found += _third_party(d, "", 1)
    return list(dict.fromkeys(found))


def _groups(d: _Drawer, members: Sequence[str], most: int = 3) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for name in d.some(GROUPS, most):
        entries = _requirements(d, members, 2)
        if groups and d.chance(3):
            entries.append({"include-group": d.one(tuple(groups))})
        groups[name] = entries
    return groups


def _defaults(d: _Drawer, groups: Mapping[str, object]) -> dict[str, Any]:
    """Draw ``default-groups``, legacy ``dev-dependencies`` and the bounds of groups."""
    uv: dict[str, Any] = {}
    kind = d.one(("", "", "", "some", "some", "none", "all"))
    if kind:
        uv["default-groups"] = {"some": d.some(tuple(groups), 2), "none": [], "all": "all"}[kind]
    if d.chance(8):
        uv["dev-dependencies"] = _third_party(d, "", 2)
    if groups and d.chance(6):
        uv["dependency-groups"] = {d.one(tuple(groups)): {"requires-python": d.one((">=3.10", ">=3.11", "<3.13"))}}
    return uv


def _project(d: _Drawer, name: str, path: str, members: Sequence[str], *, buildable: bool) -> Draft:
    project = Draft(name, path)
    project.dependencies = _requirements(d, members, 3, name)
    project.extras = {extra: _requirements(d, members, 2) for extra in d.some(EXTRAS, 3)}
    project.groups = _groups(d, members)
    project.uv = _defaults(d, project.groups)
    python = d.one(PYTHONS)
    if python:
        project.project["requires-python"] = python
    match d.number(1, 12):
        case 8:
            project.dynamic = True
        case 9 | 10:
            project.build_system = False
        case 11:
            project.uv["package"] = False
        case 12 if not buildable:
            project.build_system, project.uv["package"] = False, True
        case _:
            pass
    if buildable and not project.build_system:
        project.uv["package"] = False
    return project


def _later(d: _Drawer, project: Draft) -> None:
    """Let the manifest change after it is locked: a group or default more, or one less."""
    match d.one(("add", "drop", "defaults")):
        case "add":
            project.later["groups"] = {**project.groups, d.one(GROUPS): ["leaf"]}
        case "drop":
            project.later["groups"] = {}
        case _:
            project.later["uv"] = {**project.uv, "default-groups": d.one((["lint"], [], "all"))}


def _sources(
    d: _Drawer, projects: Sequence[Draft], root: dict[str, Any], root_groups: Mapping[str, Sequence[Any]]
) -> None:
    """Give every member and vendored package that is named a source: in the root's table or in the member's own."""
    shared: dict[str, Any] = {}
    texts = {project.path: str((project.dependencies, project.extras, project.groups)) for project in projects}
    # A project that stands alone names itself without a source.
    for name in (project.name for project in projects if len(projects) > 1 or project.path != "."):
        shared[name] = {"workspace": True, "editable": d.one((True, False))} if d.chance(4) else {"workspace": True}
    named = "".join(texts.values()) + str(root_groups)
    for name, entries in VENDORED.items():
        if name in named:
            shared[name] = [dict(entry) for entry in entries]
    for project in projects:
        # An entry of a member's own hides the root's.
        if project.path != "." and d.chance(5):
            own = {
                key: entry for key, entry in shared.items() if canonicalize_name(key) in canonical(texts[project.path])
            }
            project.uv["sources"] = {key: _seen_from(project.path, entry) for key, entry in own.items()}
    if shared:
        root["sources"] = shared


def canonical(text: str) -> str:
    """Return *text* with the separators of names normalised, so that names can be looked for in it."""
    return str(canonicalize_name(text))


def _seen_from(path: str, entry: Any) -> Any:
    """Return the source *entry* with its path as seen from the folder *path*, two levels deep."""
    if isinstance(entry, list):
        return [_seen_from(path, each) for each in entry]
    up = "../" * len(path.split("/"))
    return {**entry, "path": f"{up}{entry['path']}"} if "path" in entry else entry


def _conflicts(d: _Drawer, projects: Sequence[Draft], root: dict[str, Any], *, contested: bool) -> None:
    """Declare that two or three parts exclude each other; where *contested*, they want different versions of ``num``."""
    parts: list[tuple[dict[str, str], list[Any]]] = []
    for project in projects:
        parts += [({"package": project.name, "extra": extra}, project.extras[extra]) for extra in project.extras]
        parts += [({"package": project.name, "group": group}, project.groups[group]) for group in project.groups]
        if d.chance(4):
            parts.append(({"package": project.name}, project.dependencies))
    if len(parts) < 2:
        return
    indexes = d.draw(st.lists(st.integers(0, len(parts) - 1), min_size=2, max_size=3, unique=True))
    chosen = [parts[index] for index in indexes]
    for (_, requirements), bound in zip(chosen, ("<2", "==2.0", ">=3"), strict=False):
        if contested and not d.chance(6):
            requirements.append(d.marked(f"num{bound}", 6))
    items = [item for item, _ in chosen]
    owner = next(project for project in projects if project.name == items[0]["package"])
    if all(item["package"] == owner.name and len(item) == 2 for item in items) and d.chance(2):
        own = [{key: value for key, value in item.items() if key != "package"} for item in items]
        owner.uv.setdefault("conflicts", []).append(own)
    else:
        root.setdefault("conflicts", []).append(items)


def _root_table(d: _Drawer) -> dict[str, Any]:
    root: dict[str, Any] = {}
    if d.chance(6):
        root["environments"] = d.one(ENVIRONMENTS)
    if d.chance(8):
        root["required-environments"] = ["sys_platform == 'darwin' and platform_machine == 'arm64'"]
    if d.chance(6):
        root["constraint-dependencies"] = [d.marked(d.one(("num<3", "num!=2.0", "leaf<2")), 2)]
    if d.chance(8):
        root["override-dependencies"] = [d.marked(d.one(("num==1.0", "leaf", "mid>=1")), 2)]
    if d.chance(10):
        root["fork-strategy"] = "fewest"
    return root


@st.composite
def shapes(draw: Any, *, buildable: bool = False) -> Shape:
    """Draw a workspace; where *buildable*, its lockfile is fresh and all that gets installed builds with no network."""
    d = _Drawer(draw)
    wheels = _wheels(d)
    count = d.number(1, len(MEMBERS))
    names = MEMBERS[:count]
    kind = d.one(("virtual", "virtual", "project", "project", "alone"))
    if kind == "alone":
        names = names[:1]
    paths = [f"{d.one(('packages', 'libs/deep'))}/{name}" for name in names]
    if kind != "virtual":
        paths[0] = "."
    projects = [_project(d, name, path, names, buildable=buildable) for name, path in zip(names, paths, strict=True)]
    root = _root_table(d)
    root_groups: dict[str, list[Any]] = {}
    if kind == "virtual":
        root_groups = _groups(d, names) if d.chance(2) else {}
        root |= _defaults(d, root_groups)
    for number in range(d.conflicting):
        _conflicts(d, projects, root, contested=number == 0)
    _sources(d, projects, root, root_groups)
    if kind != "alone":
        root["workspace"] = {"members": [path for path in paths if path != "."]}
    # What sync makes of a stale or old lockfile is not what export makes of it.
    downgraded = not buildable and d.chance(6)
    for project in projects:
        if not buildable and d.chance(12):
            _later(d, project)
    return Shape(wheels=wheels, projects=tuple(projects), root=root, root_groups=root_groups, downgraded=downgraded)


@st.composite
def selections(draw: Any, shape: Shape) -> tuple[str, ...]:
    """Draw the flags of one selection, at times with a name that does not exist."""
    d = _Drawer(draw)
    flags: list[str] = []
    match d.one(("one", "one", "one", "one", "root", "all", "two")):
        case "one":
            flags += ["--package", d.one(shape.names)]
        case "two":
            flags += ["--package", d.one(shape.names), "--package", d.one(shape.names)]
        case "all":
            flags.append("--all-packages")
        case _:
            pass
    extras, groups = (*shape.parts("extras"), "nope"), (*shape.parts("groups"), "nope")
    mode = d.one(("plain", "plain", "extras", "extras", "groups", "groups", "both", "only", "everything"))
    if mode == "only":
        return (*flags, *_each("--only-group", d.some(groups, 2) or [groups[0]]))
    if mode in ("extras", "both"):
        flags += ["--all-extras"] if d.chance(4) else _each("--extra", d.some(extras[:-1], 2) or [extras[0]])
    if mode in ("groups", "both"):
        flags += ["--all-groups"] if d.chance(4) else _each("--group", d.some(groups[:-1], 2) or [groups[0]])
    if mode == "everything":
        flags += ["--all-extras", "--all-groups"]
    elif d.chance(3):
        flags.append("--no-default-groups")
    return tuple(flags)


def _each(flag: str, names: Sequence[str]) -> list[str]:
    return [word for name in names for word in (flag, name)]
