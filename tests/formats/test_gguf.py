"""Reading well-formed headers: whole, from their first bytes, and from files of every kind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.errors import FormatError, StorageError
from freehold.formats.gguf import (
    GgufArray,
    HeaderIncomplete,
    ValueType,
    parse_header,
    read_header,
)

Build = Callable[..., bytes]


def test_a_file_with_something_of_everything(small: bytes, tmp_path: Path) -> None:
    path = tmp_path / "small.gguf"
    path.write_bytes(small)
    header = read_header(path)
    path.unlink()  # what was read does not need the file any more

    assert (header.version, header.byte_order, header.alignment) == (3, "little", 64)
    assert header.label == str(path)
    assert header.file_size == len(small)
    assert header.metadata["general.name"] == "Tiny"
    assert header.metadata["llama.rope.freq_base"] == 10000.0
    assert header.metadata["tokenizer.ggml.add_bos_token"] is True
    for kind in set(ValueType) - {ValueType.STRING, ValueType.ARRAY, ValueType.BOOL}:
        assert header.metadata[f"every.{kind.name.lower()}"] == 1
        assert header.value_types[f"every.{kind.name.lower()}"] is kind
    tokens = header.metadata["tokenizer.ggml.tokens"]
    assert isinstance(tokens, GgufArray)
    assert list(tokens) == [f"t{index}" for index in range(40)]
    empty = header.metadata["every.empty"]
    assert isinstance(empty, GgufArray)
    assert list(empty) == []


def test_tensors_lie_where_the_file_has_them(small: bytes) -> None:
    header = parse_header(small, len(small))
    tensors = {tensor.name: tensor for tensor in header.tensors}
    embedding = tensors["token_embd.weight"]
    assert embedding.shape == (64, 40)
    assert embedding.elements == 2560
    assert embedding.type.name == "Q8_0"
    assert embedding.size == 2560 // 32 * 34
    assert embedding.offset == header.data_offset
    assert header.data_offset % 64 == 0
    assert tensors["blk.1.ffn_up.weight"].size == 2 * 144
    last = header.tensors[-1]
    assert last.offset + last.size == len(small)


def test_metadata_and_tensors_cannot_be_changed(small: bytes) -> None:
    header = parse_header(small, len(small))
    with pytest.raises(TypeError):
        header.metadata["general.name"] = "Other"  # type: ignore[index]  # that it is refused is the test
    with pytest.raises(AttributeError):
        header.version = 4  # type: ignore[misc]  # likewise


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(("order", "name"), [("<", "little"), (">", "big")])
def test_both_versions_and_both_byte_orders(
    build: Build, version: int, order: str, name: str
) -> None:
    data = build(
        [
            ("general.architecture", ValueType.STRING, "llama"),
            ("some.numbers", ValueType.ARRAY, (ValueType.UINT16, [1, 2, 500])),
            ("some.words", ValueType.ARRAY, (ValueType.STRING, ["a", "bc"])),
        ],
        [("weight", (4, 2), 0, None)],
        version=version,
        order=order,
    )
    header = parse_header(data, len(data))
    assert (header.version, header.byte_order) == (version, name)
    assert list(header.metadata["some.numbers"]) == [1, 2, 500]  # type: ignore[arg-type]  # an array
    assert list(header.metadata["some.words"]) == ["a", "bc"]  # type: ignore[arg-type]  # an array
    assert header.tensors[0].shape == (4, 2)


def test_a_file_written_by_the_gguf_package(tmp_path: Path) -> None:
    import numpy as np
    from gguf import GGUFWriter

    path = tmp_path / "theirs.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_name("Theirs")
    writer.add_array("some.words", ["a", "b"])
    writer.add_tensor("blk.0.weight", np.arange(6, dtype=np.float32).reshape(2, 3))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = read_header(path)
    tensor = header.tensors[0]
    assert header.metadata["general.name"] == "Theirs"
    assert tensor.shape == (3, 2)  # NumPy's reversed
    data = path.read_bytes()[tensor.offset : tensor.offset + tensor.size]
    assert np.frombuffer(data, np.float32).tolist() == [0, 1, 2, 3, 4, 5]


def test_no_tensors_gaps_and_bytes_after_the_end_are_fine(build: Build) -> None:
    empty = build()
    assert parse_header(empty, len(empty)).tensors == ()
    data = build([], [("a", (8,), 0, 0), ("b", (8,), 0, 128)]) + b"more"
    assert [tensor.size for tensor in parse_header(data, len(data)).tensors] == [32, 32]


def test_a_tensor_of_a_single_number_has_no_dimensions(build: Build) -> None:
    data = build([], [("scale", (), 0, None)])
    tensor = parse_header(data, len(data)).tensors[0]
    assert (tensor.shape, tensor.elements, tensor.size) == ((), 1, 4)


def test_text_that_is_not_utf8_is_tolerated_in_values(build: Build) -> None:
    data = build([("general.name", ValueType.STRING, b"caf\xe9")])
    assert parse_header(data, len(data)).metadata["general.name"] == "caf\ufffd"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_kind_of_buffer(small: bytes, kind: Callable[[bytes], bytes]) -> None:
    assert parse_header(kind(small), len(small)) == parse_header(small, len(small))


def _needed(data: bytes, length: int) -> int | None:
    """What a reader of the first bytes asks for; None when they are enough."""
    try:
        parse_header(data[:length], len(data))
    except HeaderIncomplete as error:
        return error.needed
    return None


def test_every_prefix_asks_for_more_until_the_header_is_there(small: bytes) -> None:
    whole = parse_header(small, len(small))
    needed = _needed(small, 0)
    assert needed is not None
    for length in range(whole.data_offset):
        needed = _needed(small, length)
        if needed is None:
            assert whole.data_offset - length <= 64  # only the padding is missing
            assert parse_header(small[:length], len(small)) == whole
        else:
            assert length < needed <= whole.data_offset
    assert needed is None


def test_a_header_fetched_step_by_step_arrives(small: bytes) -> None:
    length, steps = 0, 0
    while (needed := _needed(small, length)) is not None:
        length, steps = needed, steps + 1
    assert parse_header(small[:length], len(small)) == parse_header(small, len(small))
    assert 0 < steps < 600


def test_every_truncated_file_is_refused_as_such(small: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    for length in range(1, len(small), 31):
        path.write_bytes(small[:length])
        with pytest.raises(FormatError, match="ends too early") as caught:
            read_header(path)
        assert not isinstance(caught.value, HeaderIncomplete)
        assert str(path) in caught.value.message
        assert caught.value.hint is not None
        assert "freehold repair" in caught.value.hint


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        read_header(tmp_path / "missing.gguf")
    with pytest.raises(StorageError, match="cannot be read"):
        read_header("null\0character.gguf")
    with pytest.raises(FormatError, match="is not a file"):
        read_header(tmp_path)
    (tmp_path / "empty.gguf").touch()
    with pytest.raises(FormatError, match="is empty"):
        read_header(tmp_path / "empty.gguf")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(FormatError, match="is not a file"):
        read_header(tmp_path / "pipe.gguf")


def test_nothing_is_left_open(small: bytes, tmp_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("no /proc here")
    (tmp_path / "good.gguf").write_bytes(small)
    (tmp_path / "bad.gguf").write_bytes(small[:500])
    before = len(list(descriptors.iterdir()))
    for _ in range(20):
        read_header(tmp_path / "good.gguf")
        with pytest.raises(FormatError):
            read_header(tmp_path / "bad.gguf")
    assert len(list(descriptors.iterdir())) == before
    assert "good.gguf" not in Path("/proc/self/maps").read_text()


def test_the_import_is_light() -> None:
    code = (
        "import sys, freehold.formats.gguf_facts, freehold.formats.split;"
        "sys.exit(sorted({'numpy', 'gguf', 'sqlite3', 'urllib3'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
