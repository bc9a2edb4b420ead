"""Which model is meant, and which word is the prompt."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.formats.conftest import Entry, build_gguf

from freehold.actions.choose import default_model, split_words
from freehold.errors import NotOwned
from freehold.formats.gguf_types import ValueType
from freehold.progress import SILENT, Task
from freehold.settings import Settings
from freehold.store.model import Fact, NewModel, OwnedFile
from freehold.store.store import Store


def add(store: Store, folder: Path, name: str, body: bytes | None = None, **facts: Fact) -> None:
    path = folder / f"{name}.bin"
    path.write_bytes(body or name.encode())
    record = store.add_file(path, None, move=True)
    files = (OwnedFile(path.name, "weights", record.digest, record.size),)
    store.add_model(NewModel(name, files, facts=facts))


@pytest.fixture
def store(home: Path, tmp_path: Path) -> Store:
    with Store.open(home) as store:
        add(store, tmp_path, "talker", chat=True)
        add(store, tmp_path, "writer")
        return store


def test_words_are_told_apart(store: Store) -> None:
    assert split_words(store.find, []) == (None, None)
    assert split_words(store.find, ["talker"]) == ("talker", None)
    assert split_words(store.find, ["What is this?"]) == (None, "What is this?")
    assert split_words(store.find, ["talker", "Hello", "there"]) == ("talker", "Hello there")
    assert split_words(store.find, ["Summarise:"]) == (None, "Summarise:")
    assert split_words(store.find, ["pypi:something"]) == ("pypi:something", None)


def test_one_unknown_word_is_never_guessed_at(store: Store) -> None:
    with pytest.raises(NotOwned) as refused:
        split_words(store.find, ["talkre"])
    assert "--prompt" in str(refused.value.hint)
    assert "talker" in str(refused.value.hint)


def test_the_default_is_the_one_that_chats_then_the_last_used(store: Store, home: Path) -> None:
    settings = Settings(home=home)
    chosen = default_model(store, settings)
    assert chosen is not None
    assert chosen.name == "talker"
    store.mark_used(store.find("writer"))
    chosen = default_model(store, settings)
    assert chosen is not None
    assert chosen.name == "writer"
    chosen = default_model(store, Settings(home=home, default_model="talker"))
    assert chosen is not None
    assert chosen.name == "talker"


def test_nothing_owned_is_no_default(tmp_path: Path) -> None:
    with Store.open(tmp_path / "empty") as store:
        assert default_model(store, Settings(home=tmp_path / "empty")) is None


class Notes:
    """Progress that keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def task(
        self, label: str, total: int | None = None, unit: str = "B"
    ) -> AbstractContextManager[Task]:
        return SILENT.task(label, total, unit)

    def note(self, text: str) -> None:
        self.said.append(text)


def add_giant(store: Store, folder: Path) -> None:
    """A small file whose cache no machine could hold, as the ledger and its header both say."""
    numbers = {
        "block_count": 500,
        "embedding_length": 1 << 20,
        "attention.head_count": 1 << 10,
        "context_length": 1 << 20,
    }
    entries: list[Entry] = [("general.architecture", ValueType.STRING, "llama")]
    entries += [(f"llama.{key}", ValueType.UINT32, value) for key, value in numbers.items()]
    body = build_gguf(entries, [("output.weight", (32, 2), 1, None)])
    add(store, folder, "giant", body, chat=True, cache_bytes_per_token=1 << 40)


def test_of_unused_models_the_largest_that_talks(store: Store, home: Path, tmp_path: Path) -> None:
    add(store, tmp_path, "small", chat=True, parameters=10**8)
    add(store, tmp_path, "large", chat=True, parameters=10**9)
    add(store, tmp_path, "larger-but-mute", chat=False, parameters=10**10)
    chosen = default_model(store, Settings(home=home))
    assert chosen is not None
    assert chosen.name == "large"


def test_the_one_used_last_gives_way_when_memory_is_short(
    store: Store, home: Path, tmp_path: Path
) -> None:
    add_giant(store, tmp_path)
    store.mark_used(store.find("giant"))
    notes = Notes()
    chosen = default_model(store, Settings(home=home), notes)
    assert chosen is not None
    assert chosen.name == "talker"
    assert notes.said == [
        "giant, which you used last, does not fit into the memory that is free now; talker does."
    ]


def test_where_nothing_fits_loading_is_left_to_say_so(home: Path, tmp_path: Path) -> None:
    with Store.open(home) as store:
        add_giant(store, tmp_path)
        chosen = default_model(store, Settings(home=home))
    assert chosen is not None
    assert chosen.name == "giant"
