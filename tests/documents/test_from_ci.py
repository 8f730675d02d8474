"""The configurations of real repositories on the page for hand-written CIs give each job its session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tomli
import tomli_w

from tests.documents.pages import blocks_of
from wsnox.workspace import discover
from wsnox.workspace.suite import Suite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.workspace.sessions import Session

PAGE = Path(__file__).parents[2] / "docs/how-to/from-ci.md"
CLASSIFIERS = [f"Programming Language :: Python :: 3.{minor}" for minor in (12, 13, 14)]

# The manifests of each repository as far as sessions depend on them: path, name, groups, extras.
SHAPES = """
supabase-py
.
src/auth supabase_auth tests,lints,dev
src/functions supabase_functions tests,lints,dev
src/postgrest postgrest test,lints,docs,dev
src/realtime realtime tests,lints,dev
src/storage storage3 tests,lints,docs,dev
src/supabase supabase tests,lints,dev

sdk
. singer-sdk dev,docs,packages,testing,typing,benchmark s3,parquet,arrow,testing,faker,jwt,ssh,msgspec,sql
packages/meltano-tap-csv meltano-tap-csv
packages/meltano-tap-dummyjson meltano-tap-dummyjson dev s3

operator
. ops lint,mypy,unit,xdist,coverage,benchmark,integration,release,tiobe testing,tracing,harness
testing ops-scenario
tracing ops-tracing lint,unit

ordeq
. ordeq-packages dev,lint,docs,test,types
docs ordeq-docs
examples/integration-streamlit integration-streamlit
examples/orchestration-kubeflow orchestration-kubeflow
examples/starter-single-file starter-single-file
examples/testing-nodes testing-nodes
packages/ordeq ordeq test
packages/ordeq-dev-tools ordeq_dev_tools test
packages/ordeq-test-utils ordeq_test_utils

repertoire
. repertoire dev,docs,lint,nox,typing
client rubin-repertoire
"""

# The sessions of one Python each, with what they run by default in parentheses.
SESSIONS = {
    "supabase-py": """
        postgrest realtime storage3 supabase supabase-auth supabase-functions
        postgrest:mypy realtime:mypy storage3:mypy supabase:mypy supabase-auth:mypy supabase-functions:mypy
        postgrest:ruff realtime:ruff storage3:ruff supabase:ruff supabase-auth:ruff supabase-functions:ruff
        """,
    "sdk": """
        singer-sdk singer-sdk:contrib singer-sdk:packages singer-sdk:doctest singer-sdk:typing singer-sdk:deps
        singer-sdk:docs (singer-sdk:external) (singer-sdk:snapshots) (singer-sdk:benchmarks)
        """,
    "operator": """
        ops ops-tracing ops:lint ops-tracing:lint (ops:zizmor) (ops:pebble) (ops:unit-coverage) (ops:benchmark)
        (ops:integration) (ops:smoke) (ops-tracing:unit-coverage)
        """,
    "ordeq": """
        ordeq ordeq-dev-tools ordeq-test-utils ordeq:mypy ordeq-test-utils:mypy integration-streamlit:mypy
        testing-nodes:mypy lint mdformat pyproject ty docs (integration-streamlit:examples) (testing-nodes:examples)
        """,
    "repertoire": """
        repertoire repertoire:typing rubin-repertoire:client-typing repertoire:docs lint (repertoire:linkcheck)
        """,
}


def _configurations() -> dict[str, dict[str, str]]:
    """Return the text that the page adds to each manifest, by repository and path."""
    configurations: dict[str, dict[str, str]] = {}
    for block in blocks_of(PAGE.read_text(encoding="utf-8")):
        for file in block.files:
            repository, _, path = file.partition("/")
            configurations.setdefault(repository, {})[path] = block.text
    return configurations


def _manifests(repository: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the manifests of the *repository*, by path."""
    (shape,) = (block for block in SHAPES.strip().split("\n\n") if block.startswith(f"{repository}\n"))
    rows = [line.split(" ") for line in shape.split("\n")[1:]]
    for path, *rest in rows:
        name, groups, extras = (*rest, "", "", "")[:3]
        manifest: dict[str, object] = {}
        if name:
            minor = "3.9" if repository == "supabase-py" else "3.10"
            manifest["project"] = {
                "name": name,
                "version": "1",
                "requires-python": f">={minor}",
                "classifiers": CLASSIFIERS,
                "optional-dependencies": {extra: [] for extra in filter(None, extras.split(","))},
            }
            manifest["dependency-groups"] = {group: [] for group in filter(None, groups.split(","))}
        if path == ".":
            members = [other for other, *_ in rows if other != "."]
            manifest["tool"] = {"uv": {"workspace": {"members": members}}}
        yield f"{path}/pyproject.toml", manifest


def _sessions(tmp_path: Path, repository: str) -> dict[str, Session]:
    """Return the sessions of *repository* as the page configures it."""
    configurations = _configurations()[repository]
    for file, manifest in _manifests(repository):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        added = configurations.pop(Path(file).as_posix(), "")
        # A table that both have, such as `[dependency-groups]`, gets the keys of both.
        for table, value in tomli.loads(added).items():
            manifest[table] = {**dict(manifest.get(table, {})), **value}  # type: ignore[call-overload] # a table
        path.write_text(tomli_w.dumps(manifest), encoding="utf-8")
    assert configurations == {}
    suite = Suite(discover(tmp_path), running="3.14.0")
    assert [session.name for session in suite.without_python()] == []
    return {session.name: session for session in suite.configured() if session.kind != "imports"}


@pytest.mark.parametrize("repository", SESSIONS)
def test_each_job_has_its_session(tmp_path: Path, repository: str) -> None:
    """The configuration loads beside manifests of the same shape, names nothing that they lack, and has these sessions."""
    sessions = _sessions(tmp_path, repository)
    shown = {name if session.default else f"({name})" for name, session in sessions.items()}
    assert shown == set(SESSIONS[repository].split())
    # pytest on its own tests is what `ops-tracing` runs without any.
    assert [name for name, session in sessions.items() if not session.commands] in ([], ["ops-tracing"])


def test_settings_reach_their_sessions(tmp_path: Path) -> None:
    """What the page says of a setting holds: who has which Pythons, groups, directory and steps."""
    supabase = _sessions(tmp_path / "supabase", "supabase-py")
    assert len(supabase["postgrest"].pythons or ()) == 6
    assert [name for name, session in supabase.items() if session.before] == [
        "postgrest", "realtime", "storage3", "supabase-auth",
    ]  # fmt: skip
    assert supabase["supabase-auth"].external == ("docker",)
    sdk = _sessions(tmp_path / "sdk", "sdk")
    assert sdk["singer-sdk"].pythons == ("3.12", "3.13", "3.14")
    assert {sdk[f"singer-sdk:{task}"].pythons for task in ("docs", "deps", "doctest")} == {("3.14",)}
    operator = _sessions(tmp_path / "operator", "operator")
    (pebble,) = operator["ops:pebble"].background
    assert (pebble.name, pebble.ready and pebble.ready.value) == ("pebble", "4000")
    assert operator["ops-tracing:unit-coverage"].root_groups == ("coverage",)
    ordeq = _sessions(tmp_path / "ordeq", "ordeq")
    assert {ordeq[name].directory for name in ("ordeq", "lint", "ordeq:mypy")} == {tmp_path / "ordeq"}
    assert ordeq["mdformat"].members == ()
    repertoire = _sessions(tmp_path / "repertoire", "repertoire")
    assert repertoire["repertoire:docs"].directory == tmp_path / "repertoire/docs"
    assert "METRICS_MOCK" not in repertoire["rubin-repertoire:client-typing"].env
