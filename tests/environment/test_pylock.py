"""A closure as a PEP 751 file."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from packaging.pylock import Pylock

from tests.environment.makers import COMMIT, INDEX, closure_of, package, wheel_of
from wsnox.closure.model import Closure
from wsnox.environment.pylock import artifact_location, local_digests, pylock
from wsnox.errors import InstallError
from wsnox.lock import Archive, Artifact, Directory, Git, Package, Registry, Url
from wsnox.toml_text import dumps

if TYPE_CHECKING:
    from pathlib import Path


ROOT = "/w"
FILES = "https://files.example"


def _write(*packages: Package, root: str = ROOT, base: str = "", **digests: str) -> dict[str, Any]:
    text = pylock(closure_of(*packages), requires_python=">=3.10", root=root, digests=digests, base=base).decode()
    return tomli.loads(text)


def _entry(locked: Package, **options: Any) -> Any:
    (entry,) = _write(locked, **options)["packages"]
    return entry


INDEXED = package(
    "indexed",
    "1.0",
    wheels=[Artifact("indexed-1.0-py3-none-any.whl", url=f"{FILES}/indexed.whl", hash="sha256:aa", size=3)],
    sdist=Artifact("indexed-1.0.tar.gz", url=f"{FILES}/indexed.tar.gz", hash="sha512:bb"),
)
LOCAL = package("local", "1.0", Registry("../wheels"), wheels=[wheel_of("local", path="local.whl", digest="")])
TREE = package("tree", "1.0", Directory("packages/tree", editable=True))
LIBRARY = package("library", None, Directory("../library", editable=False))
ARCHIVE = package("archive", "1.0", Archive("dist/a.whl"), wheels=[wheel_of("archive", digest="sha256:cc")])
SOURCE = package("source", "1.0", Url(f"{FILES}/s.zip", "sub"), sdist=Artifact("s.zip", hash="sha256:dd"))
GIT = package("git", "1.0", Git("https://host/git", COMMIT, subdirectory="sub", requested="main"))
EVERYTHING = (INDEXED, LOCAL, TREE, LIBRARY, ARCHIVE, SOURCE, GIT)
DIGESTS = {"/wheels/local.whl": "sha256:ee"}


ENTRIES = {
    "indexed": f"""
name = "indexed"
version = "1.0"
index = "https://registry.example/simple"
sdist = {{ name = "indexed-1.0.tar.gz", url = "{FILES}/indexed.tar.gz", hashes = {{ sha512 = "bb" }} }}
[[wheels]]
name = "indexed-1.0-py3-none-any.whl"
url = "{FILES}/indexed.whl"
size = 3
hashes.sha256 = "aa"
""",
    "local": """
name = "local"
version = "1.0"
index = "file:///wheels"
wheels = [{ name = "local-1.0-py3-none-any.whl", path = "/wheels/local.whl", hashes = { sha256 = "ee" } }]
""",
    "tree": 'name = "tree"\ndirectory = { path = "/w/packages/tree", editable = true }',
    "library": 'name = "library"\ndirectory = { path = "/library", editable = false }',
    "archive": """
name = "archive"
version = "1.0"
archive = { path = "/w/dist/a.whl", hashes = { sha256 = "cc" } }
""",
    "source": f"""
name = "source"
version = "1.0"
archive = {{ url = "{FILES}/s.zip", hashes = {{ sha256 = "dd" }}, subdirectory = "sub" }}
""",
    "git": f"""
name = "git"
version = "1.0"
[vcs]
type = "git"
url = "https://host/git"
requested-revision = "main"
commit-id = "{COMMIT}"
subdirectory = "sub"
""",
}


@pytest.mark.parametrize("locked", EVERYTHING, ids=str)
def test_each_source(locked: Package) -> None:
    """Each kind of source has the entry that PEP 751 has for it, with every hash that is known."""
    assert _entry(locked, **DIGESTS) == tomli.loads(ENTRIES[locked.name])


def test_the_standard_accepts_it() -> None:
    """`packaging`, which wrote the standard's reader, finds nothing wrong with a file that has every kind of source."""
    document = _write(*EVERYTHING, **DIGESTS)
    Pylock.from_dict(document).validate()
    assert {key: document[key] for key in ("lock-version", "created-by", "requires-python")} == {
        "lock-version": "1.0",
        "created-by": "wsnox",
        "requires-python": ">=3.10",
    }


def test_an_empty_closure() -> None:
    """A member without a build system and dependencies installs nothing, and the file says so."""
    document = pylock(closure_of(), requires_python="", root=ROOT, digests={})
    assert tomli.loads(document.decode()) == {"lock-version": "1.0", "created-by": "wsnox", "packages": []}


def test_paths_relative_to_the_file() -> None:
    """With a base, the file can be moved together with the workspace: no absolute path is left in it."""
    assert _entry(TREE, base="/w/.nox/tree")["directory"]["path"] == "../../packages/tree"
    assert _entry(LOCAL, base="/w")["wheels"][0]["path"] == "../wheels/local.whl"
    assert _entry(package("w", "1", Directory(".", editable=True)), base="/w")["directory"]["path"] == "."


def test_paths_of_windows() -> None:
    """A drive letter is a path on any platform that writes the file, and the URL of a folder has the third slash."""
    local = package("local", "1.0", Registry("../a b"), wheels=[wheel_of("local", path="local.whl")])
    entry = _entry(local, root="C:/w")
    assert (entry["index"], entry["wheels"][0]["path"]) == ("file:///C:/a%20b", "C:/a b/local.whl")
    other = package("tree", "1.0", Directory("D:\\tree", editable=True))
    assert _entry(other, root="C:/w")["directory"]["path"] == "D:/tree"
    assert _entry(other, root="C:/w", base="C:/w/.nox")["directory"]["path"] == "D:/tree"
    assert _entry(TREE, root="C:/w", base="C:/w/.nox")["directory"]["path"] == "../packages/tree"


@given(order=st.permutations(EVERYTHING), digests=st.permutations([*DIGESTS.items(), ("/x", "sha256:0")]))
def test_equal_closures_have_equal_bytes(order: list[Package], digests: list[tuple[str, str]]) -> None:
    """Law: neither the order of entries nor that of hashes changes a byte, so the file can be compared and hashed."""
    expected = pylock(closure_of(*EVERYTHING), requires_python=">=3.10", root=ROOT, digests=DIGESTS)
    shuffled = closure_of(*order)
    assert isinstance(shuffled, Closure)
    assert pylock(shuffled, requires_python=">=3.10", root=ROOT, digests=dict(digests)) == expected


def test_an_index_url_is_kept() -> None:
    """The index of a package stays as the lockfile has it, credentials and all left to uv."""
    assert _entry(package("a", source=INDEX))["index"] == "https://registry.example/simple"
    assert _entry(package("a", source=Registry("file:///x")))["index"] == "file:///x"


KEYS = st.text("az09-_", min_size=1, max_size=4)
SCALARS = st.one_of(
    st.text(), st.text("\x00\x1f\x7f\x80\"\\\n\u2028'é\U0001f600"), st.integers(-(2**63), 2**63 - 1), st.booleans()
)
VALUES = st.recursive(
    SCALARS,
    lambda values: st.one_of(st.lists(values, max_size=3), st.dictionaries(KEYS, values, max_size=3)),
    max_leaves=6,
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=3)


@pytest.mark.slow
@given(TABLES, st.lists(TABLES, max_size=3))
def test_what_is_written_is_read(document: dict[str, Any], tables: list[dict[str, Any]]) -> None:
    """Strings of every letter, numbers and tables in tables come back, and in their order."""
    document.pop("packages", None)
    read = tomli.loads(dumps(document, "packages", tables))
    assert read == {**document, "packages": tables}
    assert [*read] == [*document, "packages"]


@pytest.mark.parametrize(
    ("artifact", "location", "expected"),
    [
        (wheel_of("a", url="https://files/a.whl"), "https://registry.example/simple", "https://files/a.whl"),
        (wheel_of("a", path="a.whl"), "https://host/flat/", "https://host/flat/a.whl"),
        (wheel_of("a", path="https://files/a.whl"), "../wheels", "https://files/a.whl"),
        (wheel_of("a", path="sub/a.whl"), "../wheels", "/wheels/sub/a.whl"),
        (wheel_of("a", path="a.whl"), "C:/wheels", "C:/wheels/a.whl"),
        (wheel_of("a", path="/else/a.whl"), "../wheels", "/else/a.whl"),
        (Artifact("a.tar.gz", path="a.tar.gz"), "file:///wheels", "file:///wheels/a.tar.gz"),
    ],
)
def test_a_file_is_relative_to_its_registry(artifact: Artifact, location: str, expected: str) -> None:
    """A file of a flat index has a path that starts at the index, not at the lockfile."""
    assert artifact_location(artifact, Registry(location), "/w") == expected


def test_local_files_are_hashed(tmp_path: Path) -> None:
    """Wheels of a local folder have no hash in a lockfile; theirs are computed, everybody else's are left alone."""
    (tmp_path / "a.whl").write_bytes(b"x")
    local = package("a", "1.0", Registry("wheels"), wheels=[wheel_of("a", path=str(tmp_path / "a.whl"), digest="")])
    remote = package("b", wheels=[wheel_of("b", url="https://files/b.whl", digest="")])
    known = package("c", "1.0", Registry("wheels"), wheels=[wheel_of("c", path="missing.whl")])
    digest = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert local_digests(closure_of(local, remote, known), "/w") == {str(tmp_path / "a.whl"): digest}


def test_a_local_file_that_is_another_now(tmp_path: Path) -> None:
    """It is read again, also where it has the size that it had and another time alone tells it apart."""
    file, digests = tmp_path / "a.whl", list[str]()
    local = package("a", source=Registry(str(tmp_path)), wheels=[Artifact("a.whl", path="a.whl")])
    for content, time in ((b"one", 1), (b"one", 1), (b"two", 2)):
        file.write_bytes(content)
        os.utime(file, ns=(time, time))
        digests += local_digests(closure_of(local), "/w").values()
    assert digests == [f"sha256:{hashlib.sha256(content).hexdigest()}" for content in (b"one", b"one", b"two")]


def test_a_local_file_that_is_gone(tmp_path: Path) -> None:
    """A wheel that the lockfile names and the folder lost is told by its path before anything is installed."""
    local = package("a", "1.0", Registry("wheels"), wheels=[wheel_of("a", path=str(tmp_path / "a.whl"), digest="")])
    with pytest.raises(InstallError) as caught:
        local_digests(closure_of(local), "/w")
    hint = f"`{tmp_path}/a.whl`, which the lockfile names for `a`, cannot be read (No such file or directory)"
    assert caught.value.hint == hint
