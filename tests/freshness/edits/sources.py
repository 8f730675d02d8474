"""Edits of where things come from and stand: sources, indexes, members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.freshness.edits.edit import (
    BACKEND,
    KINDS,
    OTHERS,
    TREES,
    URLS,
    Slot,
    pairs,
    put,
    rows,
    swap,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["INDEXED", "MEMBERS", "PLACED", "REMOTE", "SOURCES"]

_URL = "https://example.org"
_INDEXES = f"""\
name = "one"
url = "{_URL}/one/simple"
explicit = true

[[tool.uv.index]]
name = "two"
url = "{_URL}/two/simple/"
explicit = true

[[tool.uv.index]]"""
_OTHER = Slot("pair", ".", "other = { workspace = true }", "@", strings=False)
_OUTSIDE = Slot("plain", ".", 'outside = { path = "more/outside" }', "outside = @", strings=False)

SOURCES = (
    *pairs(
        _OTHER,
        (
            "other = { workspace = true }",
            "other = [{ workspace = true }]",
            "OTHER = { workspace = true }",
            "other = { workspace = true, editable = true }",
            "other = { workspace = true, editable = false }",
            "other = { workspace = false }",
            "",
            'other = { path = "other" }',
            'other = { path = "other", editable = true }',
            'other = { path = "other", editable = false }',
            "other = { workspace = true, marker = \"sys_platform == 'linux'\" }",
            (
                "other = [{ workspace = true, marker = \"sys_platform == 'linux'\" }, "
                "{ workspace = true, editable = false, marker = \"sys_platform != 'linux'\" }]"
            ),
            'other = { workspace = true, extra = "x" }',
            'other = { workspace = true, group = "dev" }',
            f'other = {{ git = "{_URL}/other" }}',
            'other = { index = "here" }',
            'other = { index = "nowhere" }',
            "other = {}",
            "other = []",
            "other = 1",
            'other = { workspace = "yes" }',
            'other = { workspace = true, path = "other" }',
            "other = { workspace = true }\nleaf = { workspace = true }",
            "other = { workspace = true }\nkid = { workspace = true }",
            "other = { workspace = true }\nkid = { workspace = true, editable = false }",
            'other = { workspace = true }\nnobody = { path = "nowhere" }',
            f'other = {{ workspace = true }}\nleaf = {{ url = "{_URL}/leaf-2.1-py3-none-any.whl" }}',
            "other = { workspace = true, nonsense = 1 }",
        ),
        """
other = { workspace = true, editable = false } -> other = { workspace = true }
    other = { workspace = true, editable = true }
other = { workspace = true }⏎nobody = { workspace = true } -> other = { workspace = true }
""",
    ),
    *rows(
        "pair",
        """
the member's own source | kid [tool.uv.sources] other = { workspace = true }
the member's own, not editable | kid [tool.uv.sources] other = { workspace = true, editable = false }
the source moves into the member
    . : other = { workspace = true } => -
    kid [tool.uv.sources] other = { workspace = true }
the needed one names itself | other [tool.uv.sources] other = { workspace = true }
the needed one names itself, not editable | other [tool.uv.sources] other = { workspace = true, editable = false }
a path in the member | kid [tool.uv.sources] other = { path = "../other", editable = true }
no sources, said false | . [tool.uv] no-sources = false
no sources | . [tool.uv] no-sources = true
no sources in a member | kid [tool.uv] no-sources = true
no sources for a package | . [tool.uv] no-sources-package = ["leaf"]
no sources for a member | . [tool.uv] no-sources-package = ["other"]
no sources for none | . [tool.uv] no-sources-package = []
no sources in a member, for a package | kid [tool.uv] no-sources-package = ["other"]
no sources and a change | . [tool.uv] no-sources = true | kid : ["num"] => ["num>=1"]
no sources for one and a change | . [tool.uv] no-sources-package = ["leaf"] | kid : ["num"] => ["num>=1"]
""",
    ),
    *pairs(
        _OUTSIDE,
        """
{ path = "more/outside" } -> { path = "./more/outside" }   { path = "more/../more/outside/" }
    [{ path = "more/outside" }]   { path = "more/outside", editable = true }
    { path = "more/outside", editable = false }   { path = "more/outside", package = true }
    { path = "more/outside", package = false }   { path = "more/outside", editable = true, package = false }
    { path = "more/outside", marker = "sys_platform == 'linux'" }
    { path = "more/outside", marker = "python_version >= '3.9'" }
    { path = "more/outside", marker = "python_version < '3.9'" }
    { path = "more/outside", marker = "nonsense" }   { path = "more/outside", group = "dev" }
    { path = "more/outside", extra = "x" }   { path = "more/nowhere" }   { path = "a" }   { path = "" }
    { path = 1 }   { workspace = true }   { path = "more/outside", marker = "extra == 'x'" }
    { git = "https://example.org/outside" }
{ path = "more/outside", editable = true } -> { path = "more/outside" }
    { path = "more/outside", editable = false }
{ path = "more/outside", package = false } -> { path = "more/outside", package = true }
""",
        (
            '[{ path = "more/outside", marker = "os_name == \'nt\'" }, { path = "more/outside", marker = "os_name != \'nt\'" }]',
            '[{ path = "more/outside", marker = "os_name != \'nt\'" }, { path = "more/outside", marker = "os_name == \'nt\'" }]',
            '{ path = "more/outside" }',
            '[{ path = "more/outside", marker = "os_name == \'nt\'" }]',
            (
                '[{ path = "more/outside", marker = "os_name == \'nt\'" }, '
                '{ path = "more/outside", editable = true, marker = "os_name != \'nt\'" }]'
            ),
            '[{ path = "more/outside" }, { path = "more/outside" }]',
        ),
    ),
    *rows(
        "plain",
        """
path source moves into the member
    . : outside = { path = "more/outside" } => -
    more/d [tool.uv.sources] outside = { path = "../outside" }
path source moves | move more/outside outside | . : "more/outside" } => "outside" }
path source gone | . : outside = { path = "more/outside" } => -
what stands there is no package | more/outside : [build-system] => [tool.build]
what stands there has another name | more/outside : "outside" => "inside"
source for an extra | a [tool.uv.sources] marked = { path = "../more/outside", extra = "loud-one" }
source for a group | a [tool.uv.sources] leaf = { path = "../more/outside", group = "dev" }
source for an unknown group | a [tool.uv.sources] leaf = { path = "../more/outside", group = "x" }
source for an unknown extra | a [tool.uv.sources] leaf = { path = "../more/outside", extra = "x" }
source for what nothing needs | a [tool.uv.sources] early = { path = "../more/outside" }
source with a bad name | a [tool.uv.sources] "-x" = { path = "../more/outside" }
member no longer editable | . : project-b = { workspace = true } => project-b = { workspace = true, editable = false }
member not editable for one | a [tool.uv.sources] project-b = { workspace = true, editable = false }
""",
    ),
    *rows(
        "plain",
        """
what stands there has another version | more/outside : version = "1.0" => version = "1.1"
what stands there has the version in other words | more/outside : version = "1.0" => version = "1.0.0"
what stands there has a dynamic version | more/outside : version = "1.0" => dynamic = ["version"]
what stands there has another dependency | more/outside : ["leaf"] => ["num"]
what stands there has the dependency in other words | more/outside : ["leaf"] => ["Leaf >= 0"]
what stands there has the dependency twice | more/outside : ["leaf"] => ["leaf", "leaf"]
what stands there has one dependency more | more/outside : ["leaf"] => ["leaf", "num ; os_name == 'nt'"]
what stands there has no dependency | more/outside : ["leaf"] => []
what stands there has a dependency that cannot be read | more/outside : ["leaf"] => ["leaf >"]
what stands there has an extra | more/outside [project.optional-dependencies] x = []
what stands there has a group | more/outside [dependency-groups] dev = ["num"]
what stands there has an empty group | more/outside [dependency-groups] dev = []
what stands there has default groups | more/outside [tool.uv] default-groups = []
what stands there asks for another Python | more/outside : ">=3.10" => ">=3.11"
what stands there has a source | more/outside [tool.uv.sources] leaf = { path = "../../a" }
what stands there has a source for nothing | more/outside [tool.uv.sources] num = { path = "../../a" }
what stands there has a workspace source | more/outside [tool.uv.sources] leaf = { workspace = true }
what stands there depends on a member | more/outside : ["leaf"] => ["leaf", "project-b"]
what stands there is a workspace | more/outside [tool.uv.workspace] members = []
what stands there is not managed | more/outside [tool.uv] managed = false
what stands there is broken | more/outside : [project] => [project
""",
    ),
    *rows(
        "plain",
        """
what stands there has dynamic dependencies | more/outside : dependencies = ["leaf"] => dynamic = ["dependencies"]
""",
        limit=BACKEND,
    ),
    *rows(
        "plain",
        """
what stands there is of no project | more/outside : [project] => [tool.project]
what stands there is gone | delete more/outside
its manifest is gone | delete more/outside/pyproject.toml
""",
        limit=TREES,
    ),
    *pairs(
        _OUTSIDE,
        '{ path = "more/outside", package = false } -> { path = "more/outside" }',
        limit=KINDS,
    ),
    *rows(
        "pair",
        """
source of the root for an extra | . [tool.uv.sources] leaf = { index = "here", extra = "x" }
source of the root for a group | . [tool.uv.sources] leaf = { index = "here", group = "check" }
source of a member for an extra | kid [tool.uv.sources] num = { index = "here", extra = "x" }
source of a member for a group | kid [tool.uv.sources] num = { index = "here", group = "dev" }
sources that overlap
    . [tool.uv.sources] early = [{ index = 'here', marker = "os_name == 'nt'" }, { index = 'here', marker = "os_name != 'posix'" }]
""",
    ),
)


def _sourced(table: str) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each line of name, requirement, its source and what the lockfile has: nothing here can fetch them."""
    for line in table.strip().split("\n"):
        name, requirement, source, locked = ("" if text == "-" else text for text in line.split(" | "))
        yield (
            f"source {name}",
            put(".", "tool.uv.sources", f"x = {source}" if source else ""),
            put(".", "[tool.uv.index]", _INDEXES),
            swap(".", 'dependencies = ["leaf"]', f'dependencies = ["leaf", "{requirement}"]'),
            swap(
                "uv.lock",
                "requires-dist = [\n",
                f'requires-dist = [\n    {{ name = "x"{f", {locked}" if locked else ""} }},\n',
            ),
        )


REMOTE = tuple(
    rows(
        "solo",
        *_sourced("""
git | x | { git = "https://example.org/x" } | git = "https://example.org/x"
git, a list | x | [{ git = "https://example.org/x" }] | git = "https://example.org/x"
git, with suffix | x | { git = "https://example.org/x.git" } | git = "https://example.org/x"
git, another suffix | x | { git = "https://example.org/x.git" } | git = "https://example.org/x.git"
git, gone | x | - | git = "https://example.org/x"
git, new | x | { git = "https://example.org/x" } | -
git, another | x | { git = "https://example.org/xy" } | git = "https://example.org/x"
git, another host | x | { git = "https://example.net/x" } | git = "https://example.org/x"
git, another scheme | x | { git = "ssh://example.org/x" } | git = "https://example.org/x"
git, tag | x | { git = "https://example.org/x", tag = "v1" } | git = "https://example.org/x?tag=v1"
git, another tag | x | { git = "https://example.org/x", tag = "v2" } | git = "https://example.org/x?tag=v1"
git, tag gone | x | { git = "https://example.org/x" } | git = "https://example.org/x?tag=v1"
git, branch of that name | x | { git = "https://example.org/x", branch = "v1" } | git = "https://example.org/x?tag=v1"
git, branch | x | { git = "https://example.org/x", branch = "a/b" } | git = "https://example.org/x?branch=a%2Fb"
git, rev | x | { git = "https://example.org/x", rev = "0123456789abcdef0123456789abcdef01234567" } | git = "https://example.org/x?rev=0123456789abcdef0123456789abcdef01234567"
git, two references | x | { git = "https://example.org/x", rev = "a", tag = "b" } | git = "https://example.org/x?rev=a"
git, folder | x | { git = "https://example.org/x", subdirectory = "a/b" } | git = "https://example.org/x?subdirectory=a%2Fb"
git, another folder | x | { git = "https://example.org/x", subdirectory = "a" } | git = "https://example.org/x?subdirectory=b"
git, LFS | x | { git = "https://example.org/x", lfs = true } | git = "https://example.org/x?lfs=true"
git, LFS gone | x | { git = "https://example.org/x", lfs = false } | git = "https://example.org/x?lfs=true"
git, credentials | x | { git = "https://me:secret@example.org/x" } | git = "https://example.org/x"
git, user | x | { git = "https://me@example.org/x" } | git = "https://example.org/x"
git, own | x @ git+https://example.org/x@v1 | - | git = "https://example.org/x?rev=v1"
git, own, moved | x @ git+https://example.org/x@v2 | - | git = "https://example.org/x?rev=v1"
git, own, folder | x @ git+https://example.org/x@v1#subdirectory=a | - | git = "https://example.org/x?subdirectory=a&rev=v1"
git, specifier | x>=1 | { git = "https://example.org/x" } | git = "https://example.org/x"
git, marker | x | { git = "https://example.org/x", marker = "os_name == 'nt'" } | git = "https://example.org/x"
git, extra of a requirement | x[y] | { git = "https://example.org/x" } | extras = ["y"], git = "https://example.org/x"
git, no text | x | { git = 1 } | git = "https://example.org/x"
git, no URL | x | { git = "nowhere" } | git = "https://example.org/x"
URL | x | { url = "https://example.org/x-1.0-py3-none-any.whl" } | url = "https://example.org/x-1.0-py3-none-any.whl"
URL, own | x @ https://example.org/x-1.0-py3-none-any.whl | - | url = "https://example.org/x-1.0-py3-none-any.whl"
URL, own, hash | x @ https://example.org/x-1.0-py3-none-any.whl#sha256=00 | - | url = "https://example.org/x-1.0-py3-none-any.whl"
URL, moved | x | { url = "https://example.org/x-1.1-py3-none-any.whl" } | url = "https://example.org/x-1.0-py3-none-any.whl"
URL, gone | x | - | url = "https://example.org/x-1.0-py3-none-any.whl"
URL, credentials | x | { url = "https://me:x@example.org/x-1.0-py3-none-any.whl" } | url = "https://example.org/x-1.0-py3-none-any.whl"
URL, query | x | { url = "https://example.org/x.zip?a=1" } | url = "https://example.org/x.zip"
URL, folder | x | { url = "https://example.org/x.zip", subdirectory = "s" } | url = "https://example.org/x.zip", subdirectory = "s"
URL, another folder | x | { url = "https://example.org/x.zip", subdirectory = "t" } | url = "https://example.org/x.zip", subdirectory = "s"
index | x>=1 | { index = "one" } | specifier = ">=1", index = "https://example.org/one/simple"
index, another | x>=1 | { index = "two" } | specifier = ">=1", index = "https://example.org/one/simple"
index, gone | x>=1 | - | specifier = ">=1", index = "https://example.org/one/simple"
index, new | x>=1 | { index = "one" } | specifier = ">=1"
index, specifier | x>=2 | { index = "one" } | specifier = ">=1", index = "https://example.org/one/simple"
index, folder | x | { index = "here" } | index = "https://example.org/one/simple"
index, slash in the lockfile | x | { index = "one" } | index = "https://example.org/one/simple/"
index, slash in the manifest | x | { index = "two" } | index = "https://example.org/two/simple"
index, slash in both | x | { index = "two" } | index = "https://example.org/two/simple/"
git, slash in the lockfile | x | { git = "https://example.org/x" } | git = "https://example.org/x/"
git, slash in the manifest | x | { git = "https://example.org/x/" } | git = "https://example.org/x"
git, slash in both | x | { git = "https://example.org/x/" } | git = "https://example.org/x/"
git, suffix in both | x | { git = "https://example.org/x.git" } | git = "https://example.org/x.git"
git, query | x | { git = "https://example.org/x?a=1" } | git = "https://example.org/x"
git, upper case | x | { git = "HTTPS://Example.ORG/x" } | git = "https://example.org/x"
git, port | x | { git = "https://example.org:443/x" } | git = "https://example.org/x"
git, escaped | x | { git = "https://example.org/x%20y" } | git = "https://example.org/x%20y"
git, own, tag with a slash | x @ git+https://example.org/x@a/b | - | git = "https://example.org/x?rev=a%2Fb"
git, by ssh | x | { git = "ssh://git@example.org/x.git" } | git = "ssh://git@example.org/x.git"
git, by file | x | { git = "file:///nowhere/x" } | git = "file:///nowhere/x"
URL, slash in the lockfile | x | { url = "https://example.org/x.zip" } | url = "https://example.org/x.zip/"
URL, escaped | x | { url = "https://example.org/x%2B1.zip" } | url = "https://example.org/x%2B1.zip"
URL, not escaped | x | { url = "https://example.org/x+1.zip" } | url = "https://example.org/x%2B1.zip"
URL, port | x | { url = "https://example.org:443/x.zip" } | url = "https://example.org/x.zip"
URL, another port | x | { url = "https://example.org:444/x.zip" } | url = "https://example.org/x.zip"
URL, port with zeros | x @ https://example.org:0444/x.zip | - | url = "https://example.org:444/x.zip"
URL, default port with zeros | x @ https://example.org:0443/x.zip | - | url = "https://example.org/x.zip"
URL, no port | x @ https://example.org:/x.zip | - | url = "https://example.org/x.zip"
URL, port of another scheme | x @ https://example.org:80/x.zip | - | url = "https://example.org/x.zip"
URL, dots | x @ https://example.org/./a/../x.zip | - | url = "https://example.org/x.zip"
URL, escaped dots | x @ https://example.org/%2e/a/.%2E/x.zip | - | url = "https://example.org/x.zip"
URL, too many dots | x @ https://example.org/../../x.zip | - | url = "https://example.org/x.zip"
URL, dots in the lockfile | x @ https://example.org/x.zip | - | url = "https://example.org/a/../x.zip"
URL, three dots | x @ https://example.org/.../x.zip | - | url = "https://example.org/x.zip"
URL, slash twice | x @ https://example.org//x.zip | - | url = "https://example.org/x.zip"
URL, backslash | x @ https://example.org/a\\\\x.zip | - | url = "https://example.org/a/x.zip"
URL, empty query | x @ https://example.org/x.zip? | - | url = "https://example.org/x.zip"
URL, empty query in both | x @ https://example.org/x.zip? | - | url = "https://example.org/x.zip?"
URL, quote in the query | x @ https://example.org/x.zip?a='b' | - | url = "https://example.org/x.zip?a=%27b%27"
URL, quote in the path | x @ https://example.org/x'.zip | - | url = "https://example.org/x'.zip"
URL, host in capitals | x @ https://Example.ORG/x.zip | - | url = "https://example.org/x.zip"
URL, scheme in capitals | x @ HTTPS://example.org/x.zip | - | url = "https://example.org/x.zip"
URL, path in capitals | x @ https://example.org/X.zip | - | url = "https://example.org/x.zip"
URL, host with umlaut | x @ https://bücher.example/x.zip | - | url = "https://xn--bcher-kva.example/x.zip"
URL, another scheme | x @ http://example.org/x.zip | - | url = "https://example.org/x.zip"
URL, now git | x @ git+https://example.org/x.zip | - | url = "https://example.org/x.zip"
URL, now a file | x @ file:///nowhere/x.zip | - | url = "https://example.org/x.zip"
URL, now a path | x @ /nowhere/x.zip | - | url = "https://example.org/x.zip"
URL, now a relative path | x @ ../x.zip | - | url = "https://example.org/x.zip"
git, dots | x | { git = "https://example.org/./a/../x" } | git = "https://example.org/x"
git, own, port with zeros | x @ git+https://example.org:0443/x | - | git = "https://example.org/x"
git, own, now a file | x @ file:///nowhere/x | - | git = "https://example.org/x"
git, by ssh, host in capitals | x | { git = "ssh://git@Example.org/x" } | git = "ssh://git@example.org/x"
git, by ssh, without user | x | { git = "ssh://example.org/x" } | git = "ssh://git@example.org/x"
git, by ssh, another user | x | { git = "ssh://me@example.org/x" } | git = "ssh://example.org/x"
git, by ssh, dots | x | { git = "ssh://git@example.org/a/../x" } | git = "ssh://git@example.org/x"
git, by ssh, port | x | { git = "ssh://git@example.org:22/x" } | git = "ssh://git@example.org/x"
file | x @ file:///nowhere/x.zip | - | path = "/nowhere/x.zip"
file, by its path | x @ /nowhere/x.zip | - | path = "/nowhere/x.zip"
file, by its path, escaped | x @ /nowhere/x%20.zip | - | path = "/nowhere/x .zip"
file, escaped | x @ file:///nowhere/%78%20.zip | - | path = "/nowhere/x .zip"
file, host | x @ file://localhost/nowhere/x.zip | - | path = "/nowhere/x.zip"
file, another host | x @ file://nowhere/x.zip | - | path = "/nowhere/x.zip"
file, one slash | x @ file:/nowhere/x.zip | - | path = "/nowhere/x.zip"
file, dots | x @ file:///nowhere/./a/..//x.zip | - | path = "/nowhere/x.zip"
file, hash | x @ file:///nowhere/x.zip#sha256=00 | - | path = "/nowhere/x.zip"
file, folder in the fragment | x @ file:///nowhere/x.zip#subdirectory=a | - | path = "/nowhere/x.zip"
file, empty query | x @ file:///nowhere/x.zip? | - | path = "/nowhere/x.zip"
file, moved | x @ file:///elsewhere/x.zip | - | path = "/nowhere/x.zip"
file, another version | x @ file:///nowhere/x-2.0-py3-none-any.whl | - | path = "/nowhere/x-1.0-py3-none-any.whl"
file, to a path source | x | { path = "/nowhere/x.zip" } | path = "/nowhere/x.zip"
file, to another path source | x | { path = "/elsewhere/x.zip" } | path = "/nowhere/x.zip"
file, now a URL | x @ https://example.org/nowhere/x.zip | - | path = "/nowhere/x.zip"
file, in a URL source | x | { url = "file:///nowhere/x.zip" } | path = "/nowhere/x.zip"
file, gone | x | - | path = "/nowhere/x.zip"
file, extra and marker | x[y] @ file:///nowhere/x.zip ; os_name == 'nt' | - | extras = ["y"], marker = "os_name == 'nt'", path = "/nowhere/x.zip"
folder | x @ file:///nowhere/x | - | directory = "/nowhere/x"
folder, slash | x @ file:///nowhere/x/ | - | directory = "/nowhere/x"
folder, moved | x @ file:///nowhere/y | - | directory = "/nowhere/x"
folder, editable in the lockfile | x @ file:///nowhere/x | - | editable = "/nowhere/x"
folder, virtual in the lockfile | x @ file:///nowhere/x | - | virtual = "/nowhere/x"
URL, a folder with dots | x | { url = "https://example.org/x.zip", subdirectory = "./s/" } | url = "https://example.org/x.zip", subdirectory = "s"
"""),
    )
)


def _placed(manifest: str, locked: str) -> Iterator[tuple[Any, ...]]:
    """Yield rows of a requirement on ``leaf`` that is locked from a file, at the places of *manifest* and of *locked*."""
    for name, url in (
        ("the same file", "file:///nowhere/./leaf.zip"),
        ("another file", "file:///elsewhere/leaf.zip"),
        ("a URL", "https://example.org/leaf.zip"),
    ):
        yield (
            f"{manifest.split(maxsplit=1)[0]}: {name}",
            swap(".", manifest, manifest.replace("leaf", f"leaf @ {url}")),
            swap("uv.lock", locked, locked.replace('"leaf"', '"leaf", path = "/nowhere/leaf.zip"')),
        )


PLACED = (
    *rows(
        "solo",
        *_placed('x = ["leaf"]', '{ name = "leaf", marker = "extra == \'x\'" }'),
        *_placed('dev = ["leaf"]', 'dev = [{ name = "leaf" }]\nlint'),
    ),
    *rows(
        "pair",
        *_placed('\nconstraint-dependencies = ["leaf"]', '\nconstraints = [{ name = "leaf" }]'),
        *_placed('override-dependencies = ["leaf"]', 'overrides = [{ name = "leaf" }]'),
        *_placed('build-constraint-dependencies = ["leaf"]', 'build-constraints = [{ name = "leaf" }]'),
        given=(
            put(
                ".",
                "tool.uv",
                "\n".join(f'{kind}-dependencies = ["leaf"]' for kind in ("constraint", "override", "build-constraint")),
            ),
        ),
    ),
)

_HERE = Slot("solo", ".", "[build-system]", "[tool.uv.sources]\n@\n[build-system]", strings=False)

INDEXED = (
    *rows(
        "solo",
        *_sourced(
            'URL, variable | x @ https://example.org/${HOME}/x-1.0-py3-none-any.whl | - | url = "https://example.org/x-1.0-py3-none-any.whl"'
        ),
        limit=URLS,
    ),
    *pairs(
        _HERE,
        """
leaf = { index = "here" } -> -   leaf = [{ index = "here" }]
- -> leaf = { index = "here" }
""",
    ),
    *pairs(
        _HERE,
        """
leaf = { index = "here" } -> leaf = { index = "there" }   leaf = { index = "HERE" }
    leaf = [{ index = "here", marker = "os_name == 'nt'" }, { index = "there", marker = "os_name != 'nt'" }]
    leaf = { index = "there", marker = "python_version < '3'" }
    leaf = { index = "there", extra = "x" }   leaf = { index = "there", group = "dev" }
""",
    ),
    *rows(
        "pair",
        """
the index of a source renamed | . : name = "here" => name = "there"
""",
        (
            "the index of a source only in a file",
            swap(".", 'name = "here"', ""),
            write("uv.toml", f'[[index]]\nname = "here"\nurl = "{_URL}/simple"\n'),
        ),
        given=(put("kid", "tool.uv.sources", 'leaf = { index = "here" }'),),
    ),
)

_MEMBERS = Slot("plain", ".", 'members = ["a", "b", "c", "more/*"]\nexclude = ["more/out*"]', "@", strings=False)
_NEW = '[project]\nname = "new"\nversion = "1"\n'

# To uv, a member that another manifest cuts off from the root is a project of its own: no sources of the root.
_CUT_OFF = (
    write("upper/pyproject.toml", _NEW),
    write("upper/lower/pyproject.toml", '[project]\nname = "lower"\nversion = "1"\ndependencies = ["leaf"]\n'),
    write("trees/leaf/pyproject.toml", '[project]\nname = "leaf"\nversion = "2.1"\n'),
    put(".", "tool.uv.workspace", 'members = ["upper", "upper/lower"]'),
    put(".", "tool.uv.sources", 'leaf = { path = "trees/leaf" }'),
)

# A project that is a member of another workspace, and one on which it depends by a path.
_OF_ANOTHER = (
    write(
        "trees/pyproject.toml",
        '[tool.uv.workspace]\nmembers = ["far"]\n[tool.uv.sources]\nfarther = { path = "farther" }\n',
    ),
    write("trees/far/pyproject.toml", '[project]\nname = "far"\nversion = "1"\ndependencies = ["farther"]\n'),
    write("trees/farther/pyproject.toml", '[project]\nname = "farther"\nversion = "1"\ndependencies = ["leaf"]\n'),
    put(".", "tool.uv.sources", 'far = { path = "trees/far" }'),
    swap(".", 'dependencies = ["leaf"]', 'dependencies = ["leaf", "far"]'),
)

MEMBERS = (
    *rows(
        "solo",
        """
version of a member of another workspace | trees/far : version = "1" => version = "2"
extra of a member of another workspace | trees/far [project.optional-dependencies] x = []
version of what it depends on | trees/farther : version = "1" => version = "2"
dependency of what it depends on | trees/farther : ["leaf"] => ["num"]
""",
        given=_OF_ANOTHER,
    ),
    *rows(
        "solo",
        """
dependency of a member of another workspace | trees/far : ["farther"] => ["num"]
source of another workspace | trees : "farther" } => "nearer" }
""",
        given=_OF_ANOTHER,
        limit=OTHERS,
    ),
    *rows(
        "solo",
        """
the source of one cut off | upper/lower [tool.uv.sources] leaf = { path = "../../trees/leaf" }
the dependency of one cut off | upper/lower : ["leaf"] => ["num"]
""",
        ("no longer cut off", swap(".", '"upper", ', "")),
        given=_CUT_OFF,
    ),
    *pairs(
        _MEMBERS,
        tuple(
            f"members = {members}\nexclude = {exclude}"
            for members, exclude in (
                ('["a", "b", "c", "more/*"]', '["more/out*"]'),
                ('["more/*", "c", "b", "a"]', '["more/out*"]'),
                ('["./a", "b/", "c//", "more/[d]"]', '["more/out*"]'),
                ('["a", "a/", "b", "c", "more/*"]', '["more/out*"]'),
                ('["[abc]", "more/*"]', '["more/out*"]'),
                ('["?", "more/d"]', "[]"),
                ('["*", "more/*"]', '["more/out*", "more"]'),
                ('["a", "b", "c", "more/**"]', '["more/out*"]'),
                ('["a", "b", "c", "more/d", "nowhere"]', "[]"),
                ('["a", "b", "c", "more/d", "nowhere/*"]', "[]"),
                ('["a", "b", "c", "more/d", "uv.lock"]', "[]"),
                ('["a", "b", "c", "more/../more/*"]', '["./more/out*"]'),
                ('["a", "b", "c", "more/*"]', '["more/out*/"]'),
                ('["a", "b", "c", "more/*"]', '["more/outside"]'),
                ('["a", "b", "c", "more/*"]', '["more/out*", "nowhere"]'),
                ('["a", "b", "c", "more/*"]', "[]"),
                ('["a", "b", "c", "more/*"]', '["more/*"]'),
                ('["a", "b", "c", "more/*"]', '["**/d", "more/out*"]'),
                ('["a", "b", "c"]', "[]"),
                ('["a", "b", "more/*"]', '["more/out*"]'),
                ('["a", "b", "c", "more/*"]', '["more/out*", "c"]'),
                ('["a", "b", "c", "more/*", "."]', '["more/out*"]'),
                ('["a", "b", "c", "more/["]', '["more/out*"]'),
                ('["a", "b", "c", "more/*"]', '["more/["]'),
                ("[]", "[]"),
                ('"a"', "[]"),
                ("[1]", "[]"),
            )
        ),
    ),
    *rows(
        "plain",
        ("new member", write("more/new/pyproject.toml", _NEW)),
        ("new member that needs something", write("more/new/pyproject.toml", f'{_NEW}dependencies = ["leaf"]\n')),
        ("new member, not managed", write("more/new/pyproject.toml", f"{_NEW}[tool.uv]\nmanaged = false\n")),
        ("new member, excluded", write("more/out-of-it/pyproject.toml", _NEW)),
        ("new member, below a member", write("a/new/pyproject.toml", _NEW)),
        ("new member of a known name", write("more/new/pyproject.toml", _NEW.replace("new", "project-b"))),
        ("new member without version", write("more/new/pyproject.toml", '[project]\nname = "new"\n')),
        ("new folder with a manifest of tools", write("more/new/pyproject.toml", "[tool.x]\n")),
        ("new folder without manifest", write("more/new/README.md", "new")),
        ("new hidden folder", write("more/.new/README.md", "new")),
        ("new file among the members", write("more/README.md", "new")),
        ("new workspace below", write("more/new/pyproject.toml", f"{_NEW}[tool.uv.workspace]\n")),
        """
member becomes a workspace | a [tool.uv.workspace] members = []
member gone | delete c
needed member gone | delete b
member moved | move more/d more/e
needed member moved | move b more/b
member excluded, though needed | . : exclude = ["more/out*"] => exclude = ["more/out*", "b"]
member copied | copy c more/c
""",
        ("a manifest between", write("more/pyproject.toml", "[tool.x]\n")),
        ("a project between", write("more/pyproject.toml", _NEW)),
        """
no workspace table | . : [tool.uv.workspace] => [tool.workspace]
""",
    ),
    *rows(
        "boss",
        ("nothing",),
        """
last member gone | delete packages/kid
""",
        ("second member", write("packages/new/pyproject.toml", _NEW)),
        """
root renamed | . : name = "boss" => name = "chief"
root no longer a project | . : [project]⏎ => [tool.project]⏎
root is no package | . [tool.uv] package = false
root without build system | . : [build-system] => [tool.build]
root not editable | . : boss = { workspace = true } => boss = { workspace = true, editable = false }
dependency of the root | . : dependencies = ["leaf"] => dependencies = ["leaf", "num"]
""",
    ),
    *rows(
        "solo",
        ("nothing",),
        ("first member", put(".", "tool.uv.workspace", 'members = ["new"]'), write("new/pyproject.toml", _NEW)),
        ("a project below", write("new/pyproject.toml", _NEW)),
    ),
    *rows(
        "pair",
        ("nothing",),
        """
one member is left | delete kid
""",
    ),
    *rows(
        "plain",
        ("a workspace between", write("more/pyproject.toml", "[tool.uv.workspace]\nmembers = []\n")),
        limit=OTHERS,
    ),
)
