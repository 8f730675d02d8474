"""Declared conflicts: which packages take part, what is switched on, and the refusal."""

from __future__ import annotations

import pytest

from tests.lock.samples import FORKED, lock_of
from wsnox.closure import Request, Root
from wsnox.closure.conflicts import involved, refuse_active, refuse_declared, switched_on
from wsnox.errors import ConflictError
from wsnox.lock import ConflictItem

LOCK = lock_of(FORKED)
"""A lockfile in which app[cpu], app:gpu and core exclude each other."""
CPU, GPU, CORE = (
    ConflictItem("app", "extra", "cpu"),
    ConflictItem("app", "group", "gpu"),
    ConflictItem("core", "project"),
)


def _request(*roots: Root, involved_all: bool = False) -> Request:
    return Request(roots=roots, involved_all=involved_all)


def test_encoding() -> None:
    """Items are written with the bytes of the package's name: its hyphens could not be told from the separators."""
    assert [item.encoded for item in (CPU, GPU, CORE)] == ["extra-3-app-cpu", "group-3-app-gpu", "project-4-core"]
    assert [str(item) for item in (CPU, GPU, CORE)] == ["app[cpu]", "app:gpu", "core"]


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (_request(Root(name="app")), {"app"}),
        (_request(Root(name="app", extras=frozenset({"old"}))), {"app", "core"}),
        (_request(Root(name="app", extras=frozenset({"cpu"}), production=False)), {"app"}),
        (_request(Root(name="app", production=False, lends=True)), set()),
        (_request(Root(name="num")), {"num"}),
        (_request(Root(name="app"), involved_all=True), {"app", "core"}),
    ],
)
def test_involved(request_: Request, names: set[str]) -> None:
    """What is selected takes part, and the members it reaches whatever the markers; lending does not count."""
    assert involved(LOCK, request_) == names


def test_switched_on() -> None:
    """Extras and the production part need a root with production, groups do not; other projects follow the request."""
    test = switched_on(_request(Root(name="app", extras=frozenset({"cpu"}), groups=frozenset({"gpu"}))))
    assert [test(item) for item in (CPU, GPU, CORE, ConflictItem("app", "project"))] == [True] * 4
    only = Root(name="app", production=False, extras=frozenset({"cpu"}), groups=frozenset({"gpu"}))
    test = switched_on(_request(only))
    assert [test(item) for item in (CPU, GPU, CORE, ConflictItem("app", "project"))] == [False, True, False, False]


def test_refusal_of_a_request() -> None:
    """Two items of one set are refused with the set as it was declared; items of packages not involved are not."""
    with pytest.raises(ConflictError) as caught:
        refuse_declared(LOCK, {"app", "core"}, {CPU, GPU}.__contains__)
    assert str(caught.value) == (
        "`app:gpu` and `app[cpu]` are incompatible with the declared conflict {app:gpu, app[cpu], core}\n\n"
        "hint: request one of them at a time"
    )
    refuse_declared(LOCK, {"app"}, {CPU, CORE}.__contains__)
    refuse_declared(LOCK, {"app", "core"}, {CPU}.__contains__)


def test_refusal_of_what_became_active() -> None:
    """After the first pass, as in uv, only extras count."""
    refuse_active(LOCK, {CPU.encoded, GPU.encoded, CORE.encoded})
    with pytest.raises(ConflictError) as caught:
        refuse_active(LOCK, {"extra-3-app-cpu", "extra-3-app-old"})
    assert str(caught.value).startswith("`app[cpu]` and `app[old]` are incompatible")
