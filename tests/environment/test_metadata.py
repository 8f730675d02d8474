"""What a RECORD names at the top of a site directory and one level below, however it is written and ordered."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wsnox.environment.metadata import owned_by

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.sampled_from(["a", "a0", "a-b", "a.py", "b", "b c", "..", "__pycache__", "ä", "A", "a,b", 'a"b', "0", "-"])
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=12)


def _expected(paths: list[str]) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {"": set()}
    for path in paths:
        folder, *inside = path.split("/")
        if not inside:
            names[""].add(folder)
            continue
        names.setdefault(folder, set())
        if len(inside) == 1:
            names[folder].add(inside[0])
    return names


@given(paths=PATHS, quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), line=st.sampled_from(["\n", "\r\n"]))
@example(paths=["a/b/c", "a/b0", "a/b", "a/b-c"], quoting=csv.QUOTE_MINIMAL, line="\n")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_names_by_folder(tmp_path: Path, paths: list[str], quoting: Any, line: str) -> None:
    """Law: each folder at the top with the names directly in it, and the files at the top, and nothing deeper."""
    text = StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator=line)
    writer.writerows([path, "sha256=a/b+c", "1"] for path in paths)
    (tmp_path / "RECORD").write_text(text.getvalue(), encoding="utf-8", newline="")
    owned = owned_by(str(tmp_path))
    assert owned.file == "RECORD"
    assert owned.names == _expected(paths)
    assert owned.top - {""} == {path.partition("/")[0] for path in paths}


def test_paths_of_the_system(tmp_path: Path) -> None:
    """An absolute path is nothing of the site directory's; a path of Windows is read as any other."""
    (tmp_path / "RECORD").write_text("/usr/bin/tool,,\n/x,,\na\\b.py,,\n\n", encoding="utf-8")
    owned = owned_by(str(tmp_path))
    assert owned.names == {"": set(), "a": {"b.py"}}
    assert owned.top - {""} == {"a"}


def test_no_record(tmp_path: Path) -> None:
    """Metadata without one names nothing."""
    owned = owned_by(str(tmp_path))
    assert (owned.file, owned.names, owned.top - {""}) == ("", {"": set()}, set())
