"""How settings stand over one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsnox.workspace.settings import Settings

SETTINGS = st.builds(
    Settings,
    commands=st.sampled_from([None, (), ("x",)]),
    default=st.sampled_from([None, True, False]),
    env=st.none() | st.dictionaries(st.sampled_from("AB"), st.sampled_from("12")),
    skip=st.sampled_from([None, "", "why"]),
)


@given(SETTINGS, SETTINGS)
def test_the_nearer_wins(near: Settings, far: Settings) -> None:
    """Law: what is set nearer stays, false and empty values too; what is not set there comes from further away."""
    over = near.over(far)
    for name in ("commands", "default", "skip"):
        own, other = getattr(near, name), getattr(far, name)
        assert getattr(over, name) == (other if own is None else own)
    if near.env is None and far.env is None:
        assert over.env is None
    else:
        assert over.env == {**(far.env or {}), **(near.env or {})}


@given(SETTINGS, SETTINGS, SETTINGS)
def test_the_order_of_laying_over_does_not_matter(a: Settings, b: Settings, c: Settings) -> None:
    """Law: three tables give one answer, whichever two are put together first; nothing set changes nothing."""
    assert a.over(b).over(c) == a.over(b.over(c))
    assert a.over(Settings()) == a == Settings().over(a)


def test_what_is_inherited() -> None:
    """A further task takes over neither commands nor what tells one session from another."""
    everything = Settings(
        commands=("x",),
        tags=("x",),
        default=False,
        requires=("x",),
        description="x",
        skip="why",
        editable=False,
        groups=(),
    )
    assert everything.inherited() == Settings(skip="why", editable=False, groups=())
