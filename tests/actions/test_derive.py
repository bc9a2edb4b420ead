"""Models made from owned ones: further names, words and settings of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import tiny_gguf

from freehold.actions.derive import Changes, derive
from freehold.actions.get import get
from freehold.actions.recipe import Recipe, read_recipe, sampling_of
from freehold.engine.interface import ChatRequest, Message, Sampling, TextRequest
from freehold.errors import UsageError
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.model import OwnedModel
from freehold.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "alpha.gguf"
    path.write_bytes(tiny_gguf("alpha", payload=100_000))
    with Store.open(tmp_path / "home") as store:
        get(store, Settings(home=store.home), ModelRef.parse(str(path)))
        yield store


@pytest.fixture
def alpha(store: Store) -> OwnedModel:
    return store.find("alpha")


def test_nothing_is_copied_and_the_lineage_is_known(store: Store, alpha: OwnedModel) -> None:
    before = store.usage()
    made = derive(store, alpha, "Gamma!", Changes(system="Be kind."))
    assert made.name == "gamma"
    assert made.weights == alpha.weights
    assert made.id != alpha.id
    assert [child.name for child in store.lineage(alpha).children] == ["gamma"]
    assert store.usage().blobs - before.blobs < 50_000
    store.remove(alpha)
    assert store.verify(made).ok


def test_changes_add_up(store: Store, alpha: OwnedModel) -> None:
    first = derive(store, alpha, "one", Changes(system="Be kind.", parameters={"top_k": 3}))
    second = derive(store, first, "two", Changes(parameters={"temperature": 1, "stop": "x"}))
    recipe = read_recipe(store, second)
    assert recipe == Recipe("Be kind.", Sampling(top_k=3, temperature=1.0, stop=("x",)))
    assert read_recipe(store, alpha) == Recipe()


def test_only_what_was_made_so_is_replaced(store: Store, alpha: OwnedModel) -> None:
    derive(store, alpha, "gamma", Changes(system="One."))
    again = derive(store, alpha, "gamma", Changes(system="Two."))
    assert read_recipe(store, again).system == "Two."
    assert [model.name for model in store.models()] == ["alpha", "gamma"]
    with pytest.raises(UsageError, match="Another model is called alpha"):
        derive(store, again, "alpha")


def test_the_same_again_changes_nothing(store: Store, alpha: OwnedModel) -> None:
    first = derive(store, alpha, "gamma", Changes(system="One."))
    assert derive(store, alpha, "gamma", Changes(system="One.")).id == first.id


def test_a_request_goes_before_the_recipe() -> None:
    recipe = Recipe("Be kind.", Sampling(temperature=0.5, top_k=3))
    open_ = ChatRequest((Message("user", "x"),))
    assert recipe.applied(open_) == ChatRequest(
        (Message("system", "Be kind."), Message("user", "x")), Sampling(temperature=0.5, top_k=3)
    )
    firm = ChatRequest((Message("system", "No."),), Sampling(temperature=1))
    assert recipe.applied(firm) == ChatRequest(firm.messages, Sampling(temperature=1, top_k=3))
    assert recipe.applied(TextRequest("x")) == TextRequest("x", recipe.sampling)


def test_parameters_that_make_no_sense_are_passed_over() -> None:
    given = {"temperature": "hot", "top_k": True, "num_predict": -1, "stop": ["a", 3], "x": 1}
    assert sampling_of(given) == Sampling(stop=("a",))
