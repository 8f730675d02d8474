"""Edits of files as such: how they are written, and of ``uv.lock`` itself."""

from __future__ import annotations

from tests.freshness.edits.edit import INTERPRETER, age, delete, encode, put, rows, swap, write

__all__ = ["LOCKFILES", "TEXTS"]


def _texts(base: str, path: str) -> tuple[tuple[object, ...], ...]:
    return (
        (f"{path}: a byte order mark", encode(path, "\ufeff", "\n")),
        (f"{path}: lines that end as on Windows", encode(path, "", "\r\n")),
        (f"{path}: both", encode(path, "\ufeff", "\r\n")),
        (f"{path}: lines that end as on old Macs", encode(path, "", "\r")),
        (f"{path}: a comment", encode(path, "# a comment\n", "\n")),
        (f"{path}: a comment that is no ASCII", encode(path, "# ümläut\n", "\n")),
        (f"{path}: in Latin 1", encode(path, "# ümläut\n", "\n", "latin-1")),
        (f"{path}: in UTF-16", encode(path, "", "\n", "utf-16")),
        (f"{path}: a byte order mark and a change", encode(path, "\ufeff", "\n"), *_CHANGES[base]),
        (f"{path}: malformed", encode(path, "x = \n", "\n")),
        (f"{path}: a key twice", encode(path, "x = 1\nx = 2\n", "\n")),
        (f"{path}: a control character", encode(path, "# \x01\n", "\n")),
        (f"{path}: gone", delete(f"{path}/pyproject.toml")),
        (f"{path}: merge markers", encode(path, "<<<<<<< HEAD\n", "\n")),
    )


_CHANGES = {
    "solo": (put(".", "dependency-groups", 'more = ["num"]'),),
    "pair": (put("other", "dependency-groups", 'more = ["num"]'),),
}

TEXTS = (
    *rows("solo", *_texts("solo", ".")),
    *rows("pair", *_texts("pair", "."), *_texts("pair", "kid"), ("empty", write("kid/pyproject.toml", ""))),
    *rows(
        "solo",
        ("empty", write("pyproject.toml", "")),
        given=(swap(".", 'requires-python = ">=3.10"', 'requires-python = ">=3.9"'),),
        limit=INTERPRETER,
    ),
)


def _lock(before: str, after: str) -> tuple[str, object]:
    return f"{before.strip()} -> {after.strip() or 'none'}", swap("uv.lock", before, after)


_KID_META = """requires-dist = [
    { name = "leaf" },
    { name = "leaf", marker = "extra == 'x'" },
    { name = "num", marker = "extra == 'y'" },
    { name = "other", editable = "other" },
]
"""

LOCKFILES = (
    *rows(
        "pair",
        """
lockfile gone | delete uv.lock
""",
        ("lockfile empty", write("uv.lock", "")),
        ("lockfile malformed", encode("uv.lock", "x =\n", "\n")),
        ("lockfile with a comment", encode("uv.lock", "# a comment\n", "\n")),
        ("lockfile with a byte order mark", encode("uv.lock", "\ufeff", "\n")),
        ("lockfile with the lines of Windows", encode("uv.lock", "", "\r\n")),
        ("lockfile with merge markers", encode("uv.lock", "<<<<<<< HEAD\n", "\n")),
        _lock("version = 1\n", "version = 2\n"),
        _lock("version = 1\n", ""),
        _lock("version = 1\n", 'version = "1"\n'),
        _lock("revision = 5\n", ""),
        *(_lock("revision = 5\n", f"revision = {number}\n") for number in (0, 1, 2, 3, 4, 6, 99)),
        _lock("revision = 5\n", "revision = 5\nnonsense = 1\n"),
        _lock('requires-python = ">=3.10"\n', 'requires-python = ">=3.11"\n'),
        _lock('requires-python = ">=3.10"\n', 'requires-python = ">=3.10.0"\n'),
        _lock('requires-python = ">=3.10"\n', 'requires-python = ">=3.10, <4"\n'),
        _lock('requires-python = ">=3.10"\n', 'requires-python = "x"\n'),
        _lock('requires-python = ">=3.10"\n', ""),
        _lock('    "kid",\n    "other",\n', '    "kid",\n'),
        _lock('    "kid",\n    "other",\n', '    "other",\n    "kid",\n'),
        _lock('    "kid",\n    "other",\n', '    "kid",\n    "leaf",\n    "other",\n'),
        _lock('    "kid",\n    "other",\n', '    "kid",\n    "nobody",\n    "other",\n'),
        _lock("[manifest]\n", '[manifest]\nconstraints = [{ name = "leaf", specifier = ">=1" }]\n'),
        _lock("[manifest]\n", '[manifest]\nconstraints = [{ name = "nobody", specifier = ">=1" }]\n'),
        _lock("[manifest]\n", '[manifest]\noverrides = [{ name = "leaf", specifier = ">=1" }]\n'),
        _lock("[manifest]\n", '[manifest]\nexcludes = ["nobody"]\n'),
        _lock("[manifest]\n", '[manifest]\nbuild-constraints = [{ name = "x", specifier = ">=1" }]\n'),
        _lock("[manifest]\n", '[manifest]\ndependency-metadata = [{ name = "x", version = "1" }]\n'),
        _lock("[manifest]\n", "[manifest]\nnonsense = 1\n"),
        _lock("[manifest]\n", '[options]\nprerelease-mode = "allow"\n\n[manifest]\n'),
        _lock("[manifest]\n", '[options]\nresolution-mode = "lowest"\n\n[manifest]\n'),
        _lock("[manifest]\n", '[options]\nresolution-mode = "highest"\n\n[manifest]\n'),
        _lock("[manifest]\n", '[options]\nfork-strategy = "fewest"\n\n[manifest]\n'),
        _lock("[manifest]\n", '[options]\nexclude-newer = "2030-01-01T00:00:00Z"\n\n[manifest]\n'),
        _lock("[manifest]\n", "[options]\nnonsense = 1\n\n[manifest]\n"),
        _lock(_KID_META, ""),
        _lock(_KID_META, _KID_META.replace('    { name = "leaf" },\n', "")),
        _lock(_KID_META, _KID_META.replace('{ name = "leaf" }', '{ name = "leaf", specifier = ">=1" }')),
        _lock(_KID_META, _KID_META.replace('{ name = "leaf" }', '{ name = "leaf", nonsense = ">=1" }')),
        _lock(_KID_META, _KID_META.replace('{ name = "leaf" }', '{ name = "leaf", specifier = "=>1" }')),
        _lock(_KID_META, _KID_META.replace('"leaf" }', '"leaf", marker = "nonsense" }')),
        _lock(_KID_META, _KID_META.replace('editable = "other"', 'directory = "other"')),
        _lock(_KID_META, _KID_META.replace('editable = "other"', 'editable = "./other/"')),
        _lock(_KID_META, _KID_META.replace("num", "early")),
        _lock("[package.metadata]\n" + _KID_META, "[package.metadata]\nrequires-dist = []\n"),
        _lock('dependencies = [\n    { name = "leaf" },\n    { name = "other" },\n]\n', ""),
        _lock('x = [\n    { name = "leaf" },\n]\n', ""),
        _lock('provides-extras = ["x", "y"]\n', ""),
        _lock('provides-extras = ["x", "y"]\n', 'provides-extras = ["y", "x"]\n'),
        _lock('provides-extras = ["x", "y"]\n', 'provides-extras = ["x"]\n'),
        _lock('provides-extras = ["x", "y"]\n', 'provides-extras = ["x", "y", "z"]\n'),
        _lock("lint = []\n", ""),
        _lock("lint = []\n", "lint = []\nmore = []\n"),
        _lock('name = "kid"\nversion = "1.0"\n', 'name = "kid"\nversion = "1.1"\n'),
        _lock('name = "kid"\nversion = "1.0"\n', 'name = "kid"\nversion = "1.0.0"\n'),
        _lock('name = "kid"\nversion = "1.0"\n', 'name = "kid"\n'),
        _lock('name = "kid"\nversion = "1.0"\n', 'name = "kid"\nversion = "1.0"\nnonsense = 1\n'),
        _lock('source = { editable = "kid" }', 'source = { virtual = "kid" }'),
        _lock('source = { editable = "kid" }', 'source = { directory = "kid" }'),
        _lock('source = { editable = "kid" }', 'source = { editable = "kids" }'),
        _lock('source = { editable = "kid" }', 'source = { nonsense = "kid" }'),
        _lock('name = "leaf"\nversion = "2.1"\n', 'name = "leaf"\nversion = "2.2"\n'),
    ),
    *(
        edit
        for base in ("solo", "pair", "boss", "plain")
        for number in range(5)
        for edit in rows(base, (f"of revision {number}", age(number)))
    ),
    *(
        edit
        for number in range(5)
        for edit in rows(
            "pair",
            (f"of revision {number}, extra added", age(number), put("kid", "project.optional-dependencies", "z = []")),
            (f"of revision {number}, group added", age(number), put("kid", "dependency-groups", "z = []")),
            (f"of revision {number}, group filled", age(number), put("kid", "dependency-groups", 'z = ["num"]')),
            (f"of revision {number}, default groups", age(number), put("kid", "tool.uv", "default-groups = []")),
            (f"of revision {number}, version", age(number), swap("kid", 'version = "1.0"', 'version = "2.0"')),
        )
    ),
    *rows(
        "plain",
        _lock('default-groups = ["check"]\n', ""),
        _lock("[manifest.dependency-groups]\n", "[manifest.dependency-groups]\nmore = []\n"),
        _lock('excludes = ["backported"]\n', ""),
    ),
)
