"""Wheels and source distributions: their names, the rule of hashes, and names that lead elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lock.samples import COMMIT, HASH, INDEX
from wsnox.lock import Archive, Artifact, Directory, Git, Registry, Source, Url, Virtual
from wsnox.lock.artifacts import read_sdist, read_wheels
from wsnox.lock.fields import MalformedField

WHEEL = "a-1.0-py3-none-any.whl"
REGISTRY = Registry(INDEX)
TREES = (Directory("a", editable=True), Virtual("a"), Git("https://git.example/a", COMMIT))
ARCHIVES = (Url(f"https://files.example/{WHEEL}"), Archive(f"files/{WHEEL}"))
FREE = (REGISTRY, Git("https://git.example/a", COMMIT, path=WHEEL))


def _wheels(*wheels: Any, source: Source = REGISTRY, version: str | None = "1.0") -> tuple[Artifact, ...]:
    return tuple(read_wheels({"wheels": list(wheels)}, source, version))


def _refused(error: pytest.ExceptionInfo[MalformedField]) -> tuple[str, str]:
    return error.value.problem, error.value.where


@pytest.mark.parametrize(
    ("raw", "artifact"),
    [
        (
            {"url": f"https://files.example/{WHEEL}", "size": 3},
            Artifact(WHEEL, f"https://files.example/{WHEEL}", size=3),
        ),
        ({"url": f"https://files.example/{WHEEL}#frag"}, Artifact(WHEEL, f"https://files.example/{WHEEL}#frag")),
        ({"url": f"https://files.example/{WHEEL}?a=/b"}, Artifact(WHEEL, f"https://files.example/{WHEEL}?a=/b")),
        ({"path": f"../up/{WHEEL}", "hash": HASH}, Artifact(WHEEL, path=f"../up/{WHEEL}", hash=HASH)),
        ({"filename": WHEEL}, Artifact(WHEEL)),
        (
            {"url": "https://files.example/a-1.0%2Bl-py3-none-any.whl"},
            Artifact("a-1.0+l-py3-none-any.whl", "https://files.example/a-1.0%2Bl-py3-none-any.whl"),
        ),
    ],
)
def test_wheels(raw: dict[str, Any], artifact: Artifact) -> None:
    """A wheel is at a URL, at a path below its registry, or just a name; its file name comes from where it is."""
    assert _wheels(raw) == (artifact,)


@pytest.mark.parametrize(
    ("filename", "version"),
    [
        ("a-1.0-py3-none-any.whl", None),
        ("a-1-py3-none-any.whl", "1.0"),
        ("a-1.0-1build-py3-none-any.whl", "1.0"),
        ("a-1.0+cpu-cp312-cp312-linux_x86_64.whl", "1.0"),
        ("a-1.0-py3-none-any.whl", "1.0+cpu"),
        ("a-1.0_1-py3-none-any.whl", "1.0.post1"),
        ("a-2.8+cu130.torch29-cp312-cp312-linux_x86_64.whl", "2.8.0+cu130.torch29"),
        ("a-2.8.0-py3-none-any.whl", "2.8+cpu"),
        ("a-1.0.0.0-1-py3-none-any.whl", "1"),
        ("a-1!2.0rc1-py3-none-any.whl", "1!2rc1"),
        ("a-1.0rc1-py2.py3-none-any.whl", "1.0-rc.1"),
        ("a-1.0-cp312-cp312-win_amd64-variant.whl", "1.0"),
    ],
)
def test_versions_of_wheels(filename: str, version: str | None) -> None:
    """A wheel's version may be spelled otherwise than the package's, and have a local label or none."""
    assert _wheels({"filename": filename}, version=version)


@pytest.mark.parametrize(
    ("filename", "version", "problem"),
    [
        (WHEEL, "2.0", f"`{WHEEL}` is not of version `2.0`"),
        ("a-1.0.1+cpu-py3-none-any.whl", "1.0+cpu", "`a-1.0.1+cpu-py3-none-any.whl` is not of version `1.0+cpu`"),
        ("a-x-py3-none-any.whl", "1.0", "`a-x-py3-none-any.whl` is not of version `1.0`"),
        (f"a-{'9' * 5000}-py3-none-any.whl", "1.0", f"`a-{'9' * 5000}-py3-none-any.whl` is not of version `1.0`"),
        ("a-1.0.whl", "1.0", "`a-1.0.whl` is not a wheel file name"),
        ("a-1.0-py3-none-any.zip", "1.0", "`a-1.0-py3-none-any.zip` is not a wheel file name"),
        (f"../../{WHEEL}", "1.0", f"`../../{WHEEL}` is not a wheel file name"),
        (f"..\\{WHEEL}", "1.0", f"`..\\{WHEEL}` is not a wheel file name"),
    ],
)
def test_refused_wheels(filename: str, version: str, problem: str) -> None:
    """A file name that is none, leads out of a folder, or is of another version is refused by its place."""
    with pytest.raises(MalformedField) as caught:
        _wheels({"filename": WHEEL}, {"filename": filename}, version=version if filename != WHEEL else "2.0")
    assert _refused(caught) == (problem, f"wheels[{int(filename != WHEEL)}]")


@pytest.mark.parametrize(
    ("wheel", "problem"),
    [
        (f"..%2F..%2F{WHEEL}", f"`../../{WHEEL}` is not a wheel file name"),
        (f"%1b{WHEEL}", f"`\x1b{WHEEL}` holds control characters"),
    ],
)
def test_name_that_decodes_to_a_path(wheel: str, problem: str) -> None:
    """What a URL hides behind percent signs is still no way out of a folder, and no command to a terminal."""
    with pytest.raises(MalformedField) as caught:
        _wheels({"url": f"https://files.example/{wheel}"})
    assert _refused(caught) == (problem, "wheels[0]")


@pytest.mark.parametrize("url", ["..%2f..%2fx.tar.gz", "x%5C..%5Cy.zip", "%2e%2e", ".."])
def test_source_distribution_that_leads_elsewhere(url: str) -> None:
    """A source distribution's file name is one, not a path."""
    with pytest.raises(MalformedField, match="is not a file name") as caught:
        read_sdist({"sdist": {"url": f"https://files.example/{url}"}}, REGISTRY)
    assert caught.value.where == "sdist"


@pytest.mark.parametrize("source", [*ARCHIVES, *FREE, *TREES], ids=str)
@pytest.mark.parametrize("digest", [HASH, "md5:0f", "blake2b:0f", None])
def test_rule_of_hashes(source: Source, digest: str | None) -> None:
    """Hashes are required of archives, forbidden for source trees, and free where an index may lack them."""
    raw = {"filename": WHEEL} | ({"hash": digest} if digest else {})
    problem = "a source tree has no hash" if source in TREES and digest else ""
    problem = "no value" if source in ARCHIVES and not digest else problem
    if not problem:
        assert [wheel.hash for wheel in _wheels(raw, source=source)] == [digest or ""]
        return
    with pytest.raises(MalformedField) as caught:
        _wheels(raw, source=source)
    assert _refused(caught) == (problem, "wheels[0].hash")


@pytest.mark.parametrize("digest", ["", "sha1:00", "sha256:", "sha256:xyz", "00", f"sha256:{'0' * 9}\n"])
def test_unknown_hashes(digest: str) -> None:
    """A hash of an unknown kind, or of no kind, proves nothing: refused."""
    with pytest.raises(MalformedField) as caught:
        _wheels({"filename": WHEEL, "hash": digest})
    assert caught.value.where == "wheels[0].hash"


def test_archive_of_the_source() -> None:
    """Artifacts of url, path and git archive sources do not repeat the place: the name comes from the source."""
    for source in (*ARCHIVES, FREE[1]):
        assert [wheel.filename for wheel in _wheels({"hash": HASH}, source=source)] == [WHEEL]


def test_wrong_types() -> None:
    """The place of a wrong type is told down to the key."""
    with pytest.raises(MalformedField) as caught:
        _wheels({"filename": WHEEL, "size": "x"})
    assert caught.value.where == "wheels[0].size"
    with pytest.raises(MalformedField) as caught:
        read_sdist({"sdist": 1}, REGISTRY)
    assert _refused(caught) == ("expected a table, got an integer", "sdist")
