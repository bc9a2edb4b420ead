"""The best owned model that fits: one that talks, is fast enough as far as known, and large."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.formats.conftest import Entry, build_gguf

from freehold.actions.best_owned import best_owned
from freehold.actions.get import get
from freehold.device.calibration import save_calibration
from freehold.device.probe import fingerprint
from freehold.device.published import specified
from freehold.formats.gguf_types import ValueType
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store

NUMBERS = {
    "block_count": 1,
    "context_length": 2048,
    "embedding_length": 256,
    "feed_forward_length": 512,
    "attention.head_count": 4,
    "attention.head_count_kv": 2,
}


def own(store: Store, folder: Path, name: str, rows: int) -> None:
    """A model that talks, with so many rows of 512 bytes to read for each token."""
    entries: list[Entry] = [
        ("general.architecture", ValueType.STRING, "llama"),
        *((f"llama.{key}", ValueType.UINT32, value) for key, value in NUMBERS.items()),
        ("tokenizer.chat_template", ValueType.STRING, "{{ messages }}"),
        ("tokenizer.ggml.tokens", ValueType.ARRAY, (ValueType.STRING, list("abcd"))),
    ]
    path = folder / f"{name}.gguf"
    head = build_gguf(entries, [("blk.0.attn_q.weight", (256, rows), 1, None)], data=0)
    path.write_bytes(head + bytes(512 * rows))
    get(store, Settings(home=store.home), ModelRef.parse(str(path)))


def chosen(store: Store) -> str:
    best = best_owned(store, Settings(home=store.home), store.models())
    assert best is not None
    return best.name


def test_the_largest_unless_it_is_known_to_be_slow(home: Path, tmp_path: Path) -> None:
    with Store.open(home) as store:
        own(store, tmp_path, "small", 8)
        own(store, tmp_path, "large", 40_000)
        assert chosen(store) == "large", "nothing is known of speed"
        slow = replace(specified(10_000_000, 4, "avx2"), device=fingerprint())
        save_calibration(home, slow)
        assert chosen(store) == "small", "the large one would write less than one token a second"
        save_calibration(home, replace(slow, device="another machine's"))
        assert chosen(store) == "large"


def test_one_or_none(home: Path, tmp_path: Path) -> None:
    with Store.open(home) as store:
        assert best_owned(store, Settings(home=home), []) is None
        own(store, tmp_path, "only", 8)
        assert chosen(store) == "only"
