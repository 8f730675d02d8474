"""The check of freshness against ``uv lock --check``: the same edits, the same verdicts."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings

from tests.freshness.edits import AREAS, Edit
from tests.freshness.edits.generated import combined, requirements
from tests.freshness.edits.verdicts import Bench, disagreement
from wsnox import freshness
from wsnox.errors import StaleLockError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WANTED = os.environ.get("WSNOX_FRESHNESS_EXAMPLES")

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return what carries edits out, with its own folder of wheels."""
    return Bench(tmp_path_factory.mktemp("edits"))


@pytest.mark.parametrize("area", AREAS)
def test_uv_and_wsnox_agree_on_an_edit(area: str, bench: Bench) -> None:
    """Whatever is edited, uv and wsnox agree, except in what the docstring says that wsnox cannot see."""
    found = (disagreement(edit, *both) for edit, both in bench.verdicts(with_bases(AREAS[area])).items())
    assert [text for text in found if text] == []


def with_bases(edits: tuple[Edit, ...]) -> Iterator[Edit]:
    """Yield *edits*, and for each base that they start from the one that changes nothing."""
    yield from edits
    for base, given_ in dict.fromkeys((edit.base, edit.given) for edit in edits):
        texts = [text for _, texts in given_ for text in texts[2:]]
        yield Edit(" ".join([base, "untouched", *texts]), base, (), given_)


def test_each_edit_has_its_own_name() -> None:
    """No row of the tables hides another one."""
    for edits in AREAS.values():
        assert Counter(edit.name for edit in edits).most_common(1)[0][1] == 1


def test_each_limit_stands_in_the_docstring() -> None:
    """What the edits call a limit is one that the docstring of the check tells of."""
    told = " ".join((freshness.__doc__ or "").split())
    assert {edit.limit for edits in AREAS.values() for edit in edits if edit.limit not in told} == set()


_campaign = settings(
    max_examples=int(_WANTED or 25),
    database=None,
    derandomize=not _WANTED,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@_campaign
@given(edit=requirements())
def test_uv_and_wsnox_agree_on_requirements_drawn_at_random(edit: Edit, bench: Bench) -> None:
    """Names, versions and markers from a grammar; ``WSNOX_FRESHNESS_EXAMPLES=1000`` makes it a campaign."""
    _attempt(edit, bench)


@_campaign
@given(edit=combined([edit for area in AREAS.values() for edit in area]))
def test_uv_and_wsnox_agree_on_several_edits_at_once(edit: Edit, bench: Bench) -> None:
    """No edit hides another one."""
    _attempt(edit, bench)


def _attempt(edit: Edit, bench: Bench) -> None:
    verdicts = bench.attempt(edit)
    event("none" if verdicts is None else " against ".join(each.word for each in verdicts))
    assert verdicts is None or disagreement(edit, *verdicts) == ""


def test_the_error_lists_every_problem() -> None:
    """One problem stands in the sentence, several below it, and the hint says what to do."""
    assert str(StaleLockError(["`a` is new"])) == (
        "`uv.lock` does not match the workspace: `a` is new\n\nhint: run `uv lock`"
    )
    assert str(StaleLockError(["one", "two"])) == (
        "`uv.lock` does not match the workspace:\n  - one\n  - two\n\nhint: run `uv lock`"
    )
    assert StaleLockError(["one"]).exit_code == 4
