"""Which models go: by least use, never a busy or pinned one, no more than it takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from freehold.actions.residency import Resident, does_not_fit, idle_ones, room, to_unload

GB = 10**9


def resident(name: str, claimed: int, **more: object) -> Resident:
    values: dict[str, object] = {"own": claimed, "last_used": 0.0, "staying": None} | more
    return Resident(name, claimed, **values)  # type: ignore[arg-type] # as given


some_residents = st.lists(
    st.builds(
        Resident,
        name=st.uuids().map(str),
        claimed=st.integers(0, 50),
        own=st.integers(0, 50),
        last_used=st.floats(0, 100),
        staying=st.sampled_from([None, None, "busy", "pinned"]),
    ),
    max_size=8,
)


@given(st.integers(0, 200), st.integers(0, 200), some_residents)
def test_what_is_unloaded_makes_room_and_no_more(
    need: int, available: int, residents: list[Resident]
) -> None:
    going = to_unload(need, available, residents)
    freed = sum(max(each.claimed, each.own) for each in residents if each.staying is None)
    if going is None:
        assert room(available, residents) + freed < need
        return
    assert all(each.staying is None for each in going)
    assert room(available, residents) + sum(max(e.claimed, e.own) for e in going) >= need
    for spared in going:  # each is needed
        others = sum(max(e.claimed, e.own) for e in going if e is not spared)
        assert room(available, residents) + others < need


@given(st.integers(0, 200), st.integers(0, 200), some_residents)
def test_those_used_least_recently_go_first(
    need: int, available: int, residents: list[Resident]
) -> None:
    going = to_unload(need, available, residents)
    for gone in going or []:
        for kept in residents:
            if kept.staying is None and kept not in (going or []):
                # An older one stays only where its going would not have made the difference.
                older = kept.last_used < gone.last_used
                assert not older or max(kept.claimed, kept.own) < max(gone.claimed, gone.own)


def test_nothing_goes_while_there_is_room() -> None:
    assert to_unload(2 * GB, 3 * GB, [resident("a", GB)]) == []


def test_what_a_model_has_yet_to_touch_is_not_free() -> None:
    mapped = resident("a", 4 * GB, own=GB)  # the rest of it is in the page cache, or not read yet
    assert room(10 * GB, [mapped]) == 7 * GB


def test_a_refusal_has_the_numbers() -> None:
    models = [resident("small", GB, staying="pinned"), resident("old", 2 * GB)]
    error = does_not_fit("large", 9 * GB, 3 * GB, 8 * GB, models)
    assert "large needs about 9.0 GB" in error.message
    assert "5.0 GB of 8.0 GB can be had" in error.message
    assert "small (pinned, 1.0 GB)" in error.message
    assert "old" not in error.message


def test_idle_models_are_those_nobody_used_for_so_long() -> None:
    models = [
        resident("new", GB, last_used=95.0),
        resident("old", GB, last_used=10.0),
        resident("kept", GB, last_used=10.0, staying="pinned"),
    ]
    assert [each.name for each in idle_ones(models, now=100.0, idle_seconds=60)] == ["old"]
