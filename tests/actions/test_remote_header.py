"""Looking into models that are not owned: only headers travel, and no lie is believed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.formats.conftest import Entry, Tensor, build_gguf
from tests.serving import FileServer
from tests.sources.conftest import Index, Page, Site
from tests.sources.registries.conftest import FakeRegistry
from tests.sources.test_huggingface import Hub

from freehold.actions.network import Network
from freehold.actions.remote_header import LookedInto, read_remote
from freehold.errors import FormatError, FreeholdError, HashMismatch, SourceError
from freehold.formats.gguf_types import BLOCK_TYPES, ValueType
from freehold.names import ModelRef
from freehold.progress import SILENT
from freehold.settings import Settings

F16, Q8_0, Q4_K = 1, 8, 12
VOCABULARY = [f"token-{index:06d}" for index in range(30_000)]  # a header of 600 kB


def model(block_type: int, *, part: int = 0, parts: int = 1, recipe: str = "") -> bytes:
    """A model with a real vocabulary, one layer and 16 MB or so of weights at 16 bits."""
    entries: list[Entry] = [
        ("general.architecture", ValueType.STRING, "llama"),
        ("llama.block_count", ValueType.UINT32, 1),
        ("llama.embedding_length", ValueType.UINT32, 256),
        ("tokenizer.ggml.tokens", ValueType.ARRAY, (ValueType.STRING, VOCABULARY)),
    ]
    if recipe:
        entries.append(("quantize.imatrix.file", ValueType.STRING, recipe))
    shapes = {
        "token_embd.weight": ((256, 30_000), block_type),
        "blk.0.attn_norm.weight": ((256,), 0),
        "blk.0.attn_q.weight": ((256, 256), block_type),
    }
    if parts > 1:
        entries += [
            ("split.no", ValueType.UINT16, part),
            ("split.count", ValueType.UINT16, parts),
            ("split.tensors.count", ValueType.INT32, len(shapes)),
        ]
        if part:
            entries = entries[4:]
    tensors: list[Tensor] = []
    end = 0
    for name, (shape, kind) in list(shapes.items())[part::parts]:
        start = -(-end // 32) * 32
        tensors.append((name, shape, kind, start))
        block = BLOCK_TYPES[kind]
        end = start + math.prod(shape) // block.elements * block.bytes
    return build_gguf(entries, tensors, data=0) + bytes(end)


HEADER = len(build_gguf([("t", ValueType.ARRAY, (ValueType.STRING, VOCABULARY))]))
"""Roughly the bytes of the header of `model`."""


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as running:
        yield running


@pytest.fixture
def sites() -> Iterator[tuple[Site, Site]]:
    one, other = Site(), Site()
    yield one, other
    one.close()
    other.close()


@pytest.fixture
def hub(sites: tuple[Site, Site]) -> Hub:
    return Hub(*sites, Page)


def look(ref: str, endpoint: str = "http://127.0.0.1:9") -> LookedInto:
    settings = Settings(home=Path("unused"), hf_endpoint=endpoint)
    with Network(settings, SILENT) as network:
        return read_remote(ModelRef.parse(ref), settings, network, SILENT)


def test_an_address_gives_its_header_and_keeps_its_weights(server: FileServer) -> None:
    body = model(F16)
    looked = look(server.serve("/model-F16.gguf", body))
    (found,) = looked.found
    assert found.headers[0].tensors[0].shape == (256, 30_000)
    assert found.size == len(body)
    assert found.quantization == "F16"
    assert server.sent < HEADER * 2 + 100_000 < len(body) / 8


def test_every_quantization_of_a_repository_for_the_price_of_one(hub: Hub) -> None:
    kinds = {"Q4_K_M": Q4_K, "Q8_0": Q8_0, "F16": F16}
    files = {f"m-{name}.gguf": model(kind, recipe=name) for name, kind in kinds.items()}
    files["broken-Q2_K.gguf"] = files["m-Q8_0.gguf"][:90_000]
    files["readme.md"] = b"# m"
    hub.add("ann/m", files)
    looked = look("hf:ann/m", hub.site.url)
    assert looked.found[0].name == "m-Q4_K_M.gguf", "the one that `get` would take comes first"
    types = {each.quantization: each.headers[0].tensors[2].type.name for each in looked.found}
    assert types == {"Q4_K_M": "Q4_K", "Q8_0": "Q8_0", "F16": "F16"}
    for each in looked.found:
        assert each.headers[0].tensors == parsed(files[each.name])
    assert [name for name, _ in looked.unread] == ["broken-Q2_K.gguf"]
    assert "ends" in looked.unread[0][1]
    assert hub.storage.sent < HEADER * 2.7, "one header, and of the others the table"
    assert looked.fetched <= hub.storage.sent


def parsed(body: bytes) -> object:
    from freehold.formats.gguf import parse_header

    return parse_header(body, len(body)).tensors


def test_a_different_model_beside_it_is_read_as_itself(hub: Hub) -> None:
    other = build_gguf(
        [("general.architecture", ValueType.STRING, "bert")],
        [("token_embd.weight", (256, 4), F16, None)],
    )
    hub.add("ann/m", {"m-Q8_0.gguf": model(Q8_0), "small-F16.gguf": other})
    looked = look("hf:ann/m", hub.site.url)
    assert [each.headers[0].metadata["general.architecture"] for each in looked.found] == [
        "llama",
        "bert",
    ]


def test_naming_a_quantization_reads_that_one_alone(hub: Hub) -> None:
    hub.add("ann/m", {"m-Q4_K_M.gguf": model(Q4_K), "m-Q8_0.gguf": model(Q8_0)})
    (found,) = look("hf:ann/m:Q8_0", hub.site.url).found
    assert found.name == "m-Q8_0.gguf"
    assert not [path for _, path, _ in hub.storage.asked if "Q4_K_M" in path]


def test_all_parts_of_a_split_model_are_read(hub: Hub) -> None:
    files = {f"m-F16-0000{n + 1}-of-00002.gguf": model(F16, part=n, parts=2) for n in range(2)}
    hub.add("ann/m", files)
    (found,) = look("hf:ann/m", hub.site.url).found
    assert [len(header.tensors) for header in found.headers] == [2, 1]
    assert found.size == sum(map(len, files.values()))
    assert hub.storage.sent < sum(map(len, files.values())) / 8


def test_parts_that_do_not_belong_together_are_refused(hub: Hub) -> None:
    files = {f"m-0000{n + 1}-of-00002.gguf": model(F16, part=0, parts=2) for n in range(2)}
    hub.add("ann/m", files)
    with pytest.raises(FormatError, match="part 1 by its contents"):
        look("hf:ann/m", hub.site.url)


def test_a_wheel_is_inflated_only_as_far_as_the_header(
    sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    import random

    index = Index(sites[0])
    begin = model(F16)
    noise = random.Random(1).randbytes(8 << 20)
    index.add_wheel("some-model", "1.0", {"some/m.gguf": begin[: -len(noise)] + noise})
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    (found,) = look("pypi:some-model").found
    assert found.headers[0].tensors == parsed(begin)
    assert sites[0].sent < len(noise) / 4


def test_a_model_cut_over_packages_is_read_where_its_header_is(
    sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    index, body = Index(sites[0]), model(Q8_0)
    halves = {"00": body[:200_000], "01": body[200_000:]}
    for number, half in halves.items():
        needs = "Requires-Dist: cut-part1==1.0\n" if number == "00" else ""
        name = "cut" if number == "00" else "cut-part1"
        index.add_wheel(name, "1.0", {f"data/m.gguf.part{number}": half}, needs)
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    (found,) = look("pypi:cut").found
    assert found.headers[0].tensors == parsed(body)


@pytest.mark.parametrize("scheme", ["oci", "ollama"])
def test_a_registry_that_knows_no_ranges_gives_the_beginning(scheme: str) -> None:
    registry = FakeRegistry()
    try:
        kind = "application/vnd.ollama.image.model"
        registry.push("ann/m", "1b", [(kind, model(F16))])
        (found,) = look(f"{scheme}:{registry.host}/ann/m:1b").found
    finally:
        registry.stop()
    assert found.headers[0].tensors == parsed(model(F16))


def test_without_ranges_the_rest_is_not_waited_for(server: FileServer) -> None:
    body = model(F16) + bytes(1)
    server.serve("/m.gguf", body[:-1] + bytes(48 << 20))
    server.shelves["/m.gguf"].ranges = False
    looked = look(f"http://{server.host}/m.gguf")
    assert looked.fetched < HEADER * 2
    assert server.sent < 48 << 20


def test_a_file_on_this_machine_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "m-Q8_0.gguf"
    path.write_bytes(model(Q8_0))
    looked = look(str(path))
    assert looked.found[0].quantization == "Q8_0"
    assert looked.fetched == 0


LIES = {
    "a count beyond reason": (b"GGUF\x03\0\0\0" + (1 << 40).to_bytes(8, "little") + bytes(8)),
    "a string beyond the file": build_gguf(
        [("k", ValueType.STRING, bytearray(b"\xff" * 7 + b"\0"))]
    ),
    "too many entries": build_gguf([], entry_count=60_000),
    "a page of text": b"<html><body>log in</body></html>",
    "one byte": b"G",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_header_that_lies_is_one_clear_error(server: FileServer, lie: str) -> None:
    with pytest.raises(FreeholdError) as refused:
        look(server.serve("/m.gguf", LIES[lie]))
    assert isinstance(refused.value, FormatError | SourceError)
    assert refused.value.hint
    assert "verify" not in refused.value.hint, "it is not owned"


def test_a_header_that_claims_to_be_endless_is_given_up(server: FileServer) -> None:
    endless = build_gguf([("k", ValueType.STRING, bytearray((100 << 20).to_bytes(8, "little")))])
    url = server.serve("/m.gguf", endless + bytes(1000))
    server.shelves["/m.gguf"].body = endless + bytes(101 << 20)
    with pytest.raises(FormatError, match="at most from afar"):
        look(url)
    assert server.sent < 1 << 20


def test_a_header_cut_off_by_the_end_of_the_file_says_so(server: FileServer) -> None:
    with pytest.raises(FormatError, match="ends too early"):
        look(server.serve("/m.gguf", model(F16)[:100_000]))


def test_a_web_page_in_its_place_says_so(server: FileServer) -> None:
    with pytest.raises(SourceError, match="web page"):
        look(server.serve("/m.gguf", b"<html>log in</html>", kind="text/html"))


def test_another_size_than_promised_is_refused(hub: Hub) -> None:
    hub.add("ann/m", {"m-Q8_0.gguf": model(Q8_0)})
    entry = hub._entry
    hub._entry = lambda path, body: entry(path, body + b"x")  # type: ignore[method-assign]
    with pytest.raises(HashMismatch, match="promised"):
        look("hf:ann/m", hub.site.url)


def test_safetensors_are_pointed_elsewhere(hub: Hub) -> None:
    hub.add("ann/m", {"model.safetensors": b"x" * 100, "config.json": b"{}"})
    with pytest.raises(FormatError, match="safetensors") as refused:
        look("hf:ann/m", hub.site.url)
    assert "GGUF" in (refused.value.hint or "")
