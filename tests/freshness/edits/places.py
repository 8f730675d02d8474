"""Edits of where things come from and stand: sources, indexes, members."""

from __future__ import annotations

from typing import Any

from tests.freshness.edits.edit import (
    INDEXES,
    KINDS,
    OTHERS,
    TREES,
    URLS,
    Slot,
    copy,
    delete,
    move,
    pairs,
    put,
    rows,
    swap,
    write,
)

__all__ = ["INDEXED", "MEMBERS", "REMOTE", "SOURCES"]

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
_LEAF = Slot("plain", ".", 'outside = { path = "more/outside" }', "@", strings=False)

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
        (
            "other = { workspace = true, editable = false }",
            "other = { workspace = true }",
            "other = { workspace = true, editable = true }",
        ),
        (
            "other = { workspace = true }\nnobody = { workspace = true }",
            "other = { workspace = true }",
        ),
    ),
    *rows(
        "pair",
        ("the member's own source", put("kid", "tool.uv.sources", "other = { workspace = true }")),
        (
            "the member's own, not editable",
            put("kid", "tool.uv.sources", "other = { workspace = true, editable = false }"),
        ),
        (
            "the source moves into the member",
            swap(".", "other = { workspace = true }", ""),
            put("kid", "tool.uv.sources", "other = { workspace = true }"),
        ),
        ("the needed one names itself", put("other", "tool.uv.sources", "other = { workspace = true }")),
        (
            "the needed one names itself, not editable",
            put("other", "tool.uv.sources", "other = { workspace = true, editable = false }"),
        ),
        ("a path in the member", put("kid", "tool.uv.sources", 'other = { path = "../other", editable = true }')),
        ("no sources, said false", put(".", "tool.uv", "no-sources = false")),
        ("no sources", put(".", "tool.uv", "no-sources = true")),
        ("no sources in a member", put("kid", "tool.uv", "no-sources = true")),
        ("no sources for a package", put(".", "tool.uv", 'no-sources-package = ["leaf"]')),
        ("no sources for a member", put(".", "tool.uv", 'no-sources-package = ["other"]')),
        ("no sources for none", put(".", "tool.uv", "no-sources-package = []")),
        ("no sources in a member, for a package", put("kid", "tool.uv", 'no-sources-package = ["other"]')),
        ("no sources and a change", put(".", "tool.uv", "no-sources = true"), swap("kid", '["num"]', '["num>=1"]')),
        (
            "no sources for one and a change",
            put(".", "tool.uv", 'no-sources-package = ["leaf"]'),
            swap("kid", '["num"]', '["num>=1"]'),
        ),
    ),
    *pairs(
        _OUTSIDE,
        (
            '{ path = "more/outside" }',
            '{ path = "./more/outside" }',
            '{ path = "more/../more/outside/" }',
            '[{ path = "more/outside" }]',
            '{ path = "more/outside", editable = true }',
            '{ path = "more/outside", editable = false }',
            '{ path = "more/outside", package = true }',
            '{ path = "more/outside", package = false }',
            '{ path = "more/outside", editable = true, package = false }',
            '{ path = "more/outside", marker = "sys_platform == \'linux\'" }',
            '{ path = "more/outside", marker = "python_version >= \'3.9\'" }',
            '{ path = "more/outside", marker = "python_version < \'3.9\'" }',
            '{ path = "more/outside", marker = "nonsense" }',
            '{ path = "more/outside", group = "dev" }',
            '{ path = "more/outside", extra = "x" }',
            '{ path = "more/nowhere" }',
            '{ path = "a" }',
            '{ path = "" }',
            "{ path = 1 }",
            "{ workspace = true }",
            '{ path = "more/outside", marker = "extra == \'x\'" }',
            f'{{ git = "{_URL}/outside" }}',
        ),
        (
            '{ path = "more/outside", editable = true }',
            '{ path = "more/outside" }',
            '{ path = "more/outside", editable = false }',
        ),
        ('{ path = "more/outside", package = false }', '{ path = "more/outside", package = true }'),
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
        (
            "path source moves into the member",
            swap(".", 'outside = { path = "more/outside" }', ""),
            put("more/d", "tool.uv.sources", 'outside = { path = "../outside" }'),
        ),
        ("path source moves", move("more/outside", "outside"), swap(".", '"more/outside" }', '"outside" }')),
        ("path source gone", swap(".", 'outside = { path = "more/outside" }', "")),
        ("what stands there is no package", swap("more/outside", "[build-system]", "[tool.build]")),
        ("what stands there has another name", swap("more/outside", '"outside"', '"inside"')),
        (
            "source for an extra",
            put("a", "tool.uv.sources", 'marked = { path = "../more/outside", extra = "loud-one" }'),
        ),
        ("source for a group", put("a", "tool.uv.sources", 'leaf = { path = "../more/outside", group = "dev" }')),
        (
            "source for an unknown group",
            put("a", "tool.uv.sources", 'leaf = { path = "../more/outside", group = "x" }'),
        ),
        (
            "source for an unknown extra",
            put("a", "tool.uv.sources", 'leaf = { path = "../more/outside", extra = "x" }'),
        ),
        ("source for what nothing needs", put("a", "tool.uv.sources", 'early = { path = "../more/outside" }')),
        ("source with a bad name", put("a", "tool.uv.sources", '"-x" = { path = "../more/outside" }')),
        (
            "member no longer editable",
            swap(".", "project-b = { workspace = true }", "project-b = { workspace = true, editable = false }"),
        ),
        (
            "member not editable for one",
            put("a", "tool.uv.sources", "project-b = { workspace = true, editable = false }"),
        ),
    ),
    *rows(
        "plain",
        ("what stands there has another version", swap("more/outside", 'version = "1.0"', 'version = "1.1"')),
        ("what stands there has another dependency", swap("more/outside", '["leaf"]', '["num"]')),
        ("what stands there is gone", delete("more/outside")),
        limit=TREES,
    ),
    *pairs(_OUTSIDE, ('{ path = "more/outside", package = false }', '{ path = "more/outside" }'), limit=KINDS),
    *rows(
        "pair",
        ("source of the root for an extra", put(".", "tool.uv.sources", 'leaf = { index = "here", extra = "x" }')),
        ("source of the root for a group", put(".", "tool.uv.sources", 'leaf = { index = "here", group = "check" }')),
        ("source of a member for an extra", put("kid", "tool.uv.sources", 'num = { index = "here", extra = "x" }')),
        ("source of a member for a group", put("kid", "tool.uv.sources", 'num = { index = "here", group = "dev" }')),
        (
            "sources that overlap",
            put(
                ".",
                "tool.uv.sources",
                "early = [{ index = 'here', marker = \"os_name == 'nt'\" }, "
                "{ index = 'here', marker = \"os_name != 'posix'\" }]",
            ),
        ),
    ),
)

_GIT, _COMMIT = f"{_URL}/x", "0123456789abcdef0123456789abcdef01234567"
_WHEEL, _ZIP = f"{_URL}/x-1.0-py3-none-any.whl", f"{_URL}/x.zip"


def _sourced(name: str, requirement: str, source: str, wire: str) -> tuple[Any, ...]:
    """Return a row in which the *requirement* has a *source* and the lockfile a *wire*: nothing here can fetch them."""
    return (
        f"source {name}",
        put(".", "tool.uv.sources", f"x = {source}" if source else ""),
        put(".", "[tool.uv.index]", _INDEXES),
        swap(".", 'dependencies = ["leaf"]', f'dependencies = ["leaf", "{requirement}"]'),
        swap("uv.lock", "requires-dist = [\n", f'requires-dist = [\n    {{ name = "x"{wire} }},\n'),
    )


REMOTE = tuple(
    rows(
        "solo",
        _sourced("git", "x", f'{{ git = "{_GIT}" }}', f', git = "{_GIT}"'),
        _sourced("git, a list", "x", f'[{{ git = "{_GIT}" }}]', f', git = "{_GIT}"'),
        _sourced("git, with suffix", "x", f'{{ git = "{_GIT}.git" }}', f', git = "{_GIT}"'),
        _sourced("git, another suffix", "x", f'{{ git = "{_GIT}.git" }}', f', git = "{_GIT}.git"'),
        _sourced("git, gone", "x", "", f', git = "{_GIT}"'),
        _sourced("git, new", "x", f'{{ git = "{_GIT}" }}', ""),
        _sourced("git, another", "x", f'{{ git = "{_GIT}y" }}', f', git = "{_GIT}"'),
        _sourced("git, another host", "x", '{ git = "https://example.net/x" }', f', git = "{_GIT}"'),
        _sourced("git, another scheme", "x", '{ git = "ssh://example.org/x" }', f', git = "{_GIT}"'),
        _sourced("git, tag", "x", f'{{ git = "{_GIT}", tag = "v1" }}', f', git = "{_GIT}?tag=v1"'),
        _sourced("git, another tag", "x", f'{{ git = "{_GIT}", tag = "v2" }}', f', git = "{_GIT}?tag=v1"'),
        _sourced("git, tag gone", "x", f'{{ git = "{_GIT}" }}', f', git = "{_GIT}?tag=v1"'),
        _sourced("git, branch of that name", "x", f'{{ git = "{_GIT}", branch = "v1" }}', f', git = "{_GIT}?tag=v1"'),
        _sourced("git, branch", "x", f'{{ git = "{_GIT}", branch = "a/b" }}', f', git = "{_GIT}?branch=a%2Fb"'),
        _sourced("git, rev", "x", f'{{ git = "{_GIT}", rev = "{_COMMIT}" }}', f', git = "{_GIT}?rev={_COMMIT}"'),
        _sourced("git, two references", "x", f'{{ git = "{_GIT}", rev = "a", tag = "b" }}', f', git = "{_GIT}?rev=a"'),
        _sourced(
            "git, folder", "x", f'{{ git = "{_GIT}", subdirectory = "a/b" }}', f', git = "{_GIT}?subdirectory=a%2Fb"'
        ),
        _sourced(
            "git, another folder", "x", f'{{ git = "{_GIT}", subdirectory = "a" }}', f', git = "{_GIT}?subdirectory=b"'
        ),
        _sourced("git, LFS", "x", f'{{ git = "{_GIT}", lfs = true }}', f', git = "{_GIT}?lfs=true"'),
        _sourced("git, LFS gone", "x", f'{{ git = "{_GIT}", lfs = false }}', f', git = "{_GIT}?lfs=true"'),
        _sourced("git, credentials", "x", '{ git = "https://me:secret@example.org/x" }', f', git = "{_GIT}"'),
        _sourced("git, user", "x", '{ git = "https://me@example.org/x" }', f', git = "{_GIT}"'),
        _sourced("git, own", f"x @ git+{_GIT}@v1", "", f', git = "{_GIT}?rev=v1"'),
        _sourced("git, own, moved", f"x @ git+{_GIT}@v2", "", f', git = "{_GIT}?rev=v1"'),
        _sourced(
            "git, own, folder", f"x @ git+{_GIT}@v1#subdirectory=a", "", f', git = "{_GIT}?subdirectory=a&rev=v1"'
        ),
        _sourced("git, specifier", "x>=1", f'{{ git = "{_GIT}" }}', f', git = "{_GIT}"'),
        _sourced("git, marker", "x", f'{{ git = "{_GIT}", marker = "os_name == \'nt\'" }}', f', git = "{_GIT}"'),
        _sourced("git, extra of a requirement", "x[y]", f'{{ git = "{_GIT}" }}', f', extras = ["y"], git = "{_GIT}"'),
        _sourced("git, no text", "x", "{ git = 1 }", f', git = "{_GIT}"'),
        _sourced("git, no URL", "x", '{ git = "nowhere" }', f', git = "{_GIT}"'),
        _sourced("URL", "x", f'{{ url = "{_WHEEL}" }}', f', url = "{_WHEEL}"'),
        _sourced("URL, own", f"x @ {_WHEEL}", "", f', url = "{_WHEEL}"'),
        _sourced("URL, own, hash", f"x @ {_WHEEL}#sha256=00", "", f', url = "{_WHEEL}"'),
        _sourced("URL, moved", "x", f'{{ url = "{_URL}/x-1.1-py3-none-any.whl" }}', f', url = "{_WHEEL}"'),
        _sourced("URL, gone", "x", "", f', url = "{_WHEEL}"'),
        _sourced("URL, credentials", "x", f'{{ url = "{_WHEEL.replace("//", "//me:x@")}" }}', f', url = "{_WHEEL}"'),
        _sourced("URL, query", "x", f'{{ url = "{_ZIP}?a=1" }}', f', url = "{_ZIP}"'),
        _sourced(
            "URL, folder", "x", f'{{ url = "{_ZIP}", subdirectory = "s" }}', f', url = "{_ZIP}", subdirectory = "s"'
        ),
        _sourced(
            "URL, another folder",
            "x",
            f'{{ url = "{_ZIP}", subdirectory = "t" }}',
            f', url = "{_ZIP}", subdirectory = "s"',
        ),
        _sourced("index", "x>=1", '{ index = "one" }', f', specifier = ">=1", index = "{_URL}/one/simple"'),
        _sourced("index, another", "x>=1", '{ index = "two" }', f', specifier = ">=1", index = "{_URL}/one/simple"'),
        _sourced("index, gone", "x>=1", "", f', specifier = ">=1", index = "{_URL}/one/simple"'),
        _sourced("index, new", "x>=1", '{ index = "one" }', ', specifier = ">=1"'),
        _sourced("index, specifier", "x>=2", '{ index = "one" }', f', specifier = ">=1", index = "{_URL}/one/simple"'),
        _sourced("index, folder", "x", '{ index = "here" }', f', index = "{_URL}/one/simple"'),
        _sourced("index, slash in the lockfile", "x", '{ index = "one" }', f', index = "{_URL}/one/simple/"'),
        _sourced("index, slash in the manifest", "x", '{ index = "two" }', f', index = "{_URL}/two/simple"'),
        _sourced("index, slash in both", "x", '{ index = "two" }', f', index = "{_URL}/two/simple/"'),
        _sourced("git, slash in the lockfile", "x", f'{{ git = "{_GIT}" }}', f', git = "{_GIT}/"'),
        _sourced("git, slash in the manifest", "x", f'{{ git = "{_GIT}/" }}', f', git = "{_GIT}"'),
        _sourced("git, slash in both", "x", f'{{ git = "{_GIT}/" }}', f', git = "{_GIT}/"'),
        _sourced("git, suffix in both", "x", f'{{ git = "{_GIT}.git" }}', f', git = "{_GIT}.git"'),
        _sourced("git, query", "x", f'{{ git = "{_GIT}?a=1" }}', f', git = "{_GIT}"'),
        _sourced("git, upper case", "x", '{ git = "HTTPS://Example.ORG/x" }', f', git = "{_GIT}"'),
        _sourced("git, port", "x", '{ git = "https://example.org:443/x" }', f', git = "{_GIT}"'),
        _sourced("git, escaped", "x", f'{{ git = "{_GIT}%20y" }}', f', git = "{_GIT}%20y"'),
        _sourced("git, own, tag with a slash", f"x @ git+{_GIT}@a/b", "", f', git = "{_GIT}?rev=a%2Fb"'),
        _sourced(
            "git, by ssh", "x", '{ git = "ssh://git@example.org/x.git" }', ', git = "ssh://git@example.org/x.git"'
        ),
        _sourced("git, by file", "x", '{ git = "file:///nowhere/x" }', ', git = "file:///nowhere/x"'),
        _sourced("URL, slash in the lockfile", "x", f'{{ url = "{_ZIP}" }}', f', url = "{_ZIP}/"'),
        _sourced("URL, escaped", "x", f'{{ url = "{_URL}/x%2B1.zip" }}', f', url = "{_URL}/x%2B1.zip"'),
        _sourced("URL, not escaped", "x", f'{{ url = "{_URL}/x+1.zip" }}', f', url = "{_URL}/x%2B1.zip"'),
        _sourced("URL, port", "x", '{ url = "https://example.org:443/x.zip" }', f', url = "{_ZIP}"'),
        _sourced(
            "URL, a folder with dots",
            "x",
            f'{{ url = "{_ZIP}", subdirectory = "./s/" }}',
            f', url = "{_ZIP}", subdirectory = "s"',
        ),
    )
)

_HERE = Slot("solo", ".", "[build-system]", "[tool.uv.sources]\n@\n[build-system]", strings=False)

INDEXED = (
    *rows(
        "solo",
        _sourced("URL, variable", f"x @ {_URL}/${{HOME}}/x-1.0-py3-none-any.whl", "", f', url = "{_WHEEL}"'),
        limit=URLS,
    ),
    *pairs(
        _HERE,
        ('leaf = { index = "here" }', "", 'leaf = [{ index = "here" }]'),
        ("", 'leaf = { index = "here" }'),
    ),
    *pairs(_HERE, ('leaf = { index = "here" }', 'leaf = { index = "there" }'), limit=INDEXES),
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

MEMBERS = (
    *rows(
        "solo",
        ("the source of one cut off", put("upper/lower", "tool.uv.sources", 'leaf = { path = "../../trees/leaf" }')),
        ("the dependency of one cut off", swap("upper/lower", '["leaf"]', '["num"]')),
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
        ("member becomes a workspace", put("a", "tool.uv.workspace", "members = []")),
        ("member gone", delete("c")),
        ("needed member gone", delete("b")),
        ("member moved", move("more/d", "more/e")),
        ("needed member moved", move("b", "more/b")),
        ("member excluded, though needed", swap(".", 'exclude = ["more/out*"]', 'exclude = ["more/out*", "b"]')),
        ("member copied", copy("c", "more/c")),
        ("a manifest between", write("more/pyproject.toml", "[tool.x]\n")),
        ("a project between", write("more/pyproject.toml", _NEW)),
        ("no workspace table", swap(".", "[tool.uv.workspace]", "[tool.workspace]")),
    ),
    *rows(
        "boss",
        ("nothing",),
        ("last member gone", delete("packages/kid")),
        ("second member", write("packages/new/pyproject.toml", _NEW)),
        ("root renamed", swap(".", 'name = "boss"', 'name = "chief"')),
        ("root no longer a project", swap(".", "[project]\n", "[tool.project]\n")),
        ("root is no package", put(".", "tool.uv", "package = false")),
        ("root without build system", swap(".", "[build-system]", "[tool.build]")),
        (
            "root not editable",
            swap(".", "boss = { workspace = true }", "boss = { workspace = true, editable = false }"),
        ),
        ("dependency of the root", swap(".", 'dependencies = ["leaf"]', 'dependencies = ["leaf", "num"]')),
    ),
    *rows(
        "solo",
        ("nothing",),
        ("first member", put(".", "tool.uv.workspace", 'members = ["new"]'), write("new/pyproject.toml", _NEW)),
        ("a project below", write("new/pyproject.toml", _NEW)),
    ),
    *rows("pair", ("nothing",), ("one member is left", delete("kid"))),
    *rows(
        "plain",
        ("a workspace between", write("more/pyproject.toml", "[tool.uv.workspace]\nmembers = []\n")),
        limit=OTHERS,
    ),
)
