"""The file of another resolution, written and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomli
from packaging.pylock import Pylock
from packaging.utils import canonicalize_name

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.closure import Resolver
from wsnox.closure.chains import chains
from wsnox.closure.request import Contents, session_closure
from wsnox.lock import Archive, Directory, Git, Registry, Url
from wsnox.markers.target import describe
from wsnox.resolutions.rendering import Annotation, Rendering
from wsnox.resolutions.resolution_file import Facts, read_resolution
from wsnox.workspace import discover
from wsnox.workspace.model import MemberSelection

if TYPE_CHECKING:
    from pathlib import Path

HASHES = {"sha256": "0" * 64}
FACTS = Facts(
    resolution="lowest",
    base="lowest",
    requests=("Python: 3.10",),
    groups={"app:dev": ("tool",), "script:": ("old",), ":test": ("tool",)},
    floors={"old": "1.0"},
    lifted={},
    untested=(),
    unreleased=(),
    uv="0.13.9",
)


def _wheel(name: str, version: str) -> dict[str, Any]:
    url = f"https://user:secret@files.example/{name}-{version}-py3-none-any.whl"
    return {"name": name, "version": version, "wheels": [{"url": url, "hashes": HASHES}]}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Every source comes back, paths start at the root, credentials are gone, and what brings a package is known."""
    members = (MemberSpec("app", groups={"dev": ["tool"]}), MemberSpec("script", build_system=False))
    root = write_workspace(tmp_path / "w", members, index=tmp_path, root_groups={"test": ["tool"]})
    git = {"type": "git", "url": "https://user:secret@git.example/g", "commit-id": "a" * 40}
    packages: list[dict[str, Any]] = [
        {"name": "app", "directory": {"path": "../../packages/app", "editable": True}},
        {"name": "archive", "version": "1.0", "archive": {"path": "../../../archive-1.0.zip", "hashes": HASHES}},
        {"name": "remote", "version": "1.0", "archive": {"url": "https://files.example/r.zip", "hashes": HASHES}},
        {"name": "repository", "version": "1.0", "vcs": git},
        {**_wheel("old", "1.0"), "marker": "python_full_version < '3.12'"},
        {**_wheel("old", "2.0"), "marker": "python_full_version >= '3.12'"},
        _wheel("tool", "3.0"),
    ]
    needed_by_app = ("archive", "repository")
    source = "https://user:secret@registry.example/simple"
    annotations = {
        (str(one["name"]), str(one.get("version", ""))): Annotation(
            ("app",) if one["name"] in needed_by_app else (), source
        )
        for one in packages
    }
    annotations["old", "1.0"] = annotations["old", "2.0"] = Annotation(("script:", "archive"), source)
    annotations["remote", "1.0"] = Annotation(("repository",), source)
    annotations["tool", "3.0"] = Annotation(("app:dev", ":test"), source)
    document = {"lock-version": "1.0", "requires-python": ">=3.10", "packages": packages}
    rendering = Rendering(document=document, annotations=annotations, root=str(root), base=str(root / "some/folder"))
    text = rendering.text(FACTS)
    assert b"secret" not in text
    Pylock.from_dict(tomli.loads(text.decode()))
    (root / "resolutions").mkdir()
    (root / "resolutions/pylock.app-lowest.toml").write_bytes(text)

    workspace = discover(root)
    file = read_resolution(workspace, "resolutions/pylock.app-lowest.toml", "app:lowest")
    assert file.facts == FACTS
    sources = {package.name: package.source for package in file.lock.packages}
    assert sources["app"] == Directory("packages/app", editable=True)
    assert sources["archive"] == Archive("../archive-1.0.zip")
    assert sources["remote"] == Url("https://files.example/r.zip")
    assert sources["repository"] == Git("https://git.example/g", "a" * 40)
    assert sources["tool"] == Registry("https://registry.example/simple")
    resolver = Resolver(file.lock, describe("3.13", "linux"))
    contents = Contents(
        selections=(MemberSelection(member=workspace.named("app"), groups=(canonicalize_name("dev"),)),)
    )
    closure = session_closure(resolver, workspace, contents)
    names = {package.name: package.version for package in closure.packages}
    assert names == {
        "app": "1.0", "archive": "1.0", "old": "2.0", "remote": "1.0", "repository": "1.0", "tool": "3.0",
    }  # fmt: skip
    (chain,) = chains(file.lock, closure, "old").shown
    assert [step.package.name for step in chain if step.package] == ["app", "archive", "old"]
    of_root = session_closure(resolver, workspace, Contents(root_groups=("test",)))
    assert [package.name for package in of_root.packages] == ["tool"]
