"""There and back: tensors to the bit, configuration, tokenizer, templates; lies are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.formats.huggingface.checkpoints import recorded, write_folder
from tests.formats.huggingface.tokenizers_by_hand import byte_pairs, pieces

from freehold.errors import FormatError, FreeholdError, StorageError, UnsupportedModel
from freehold.formats.gguf import GgufArray, read_header
from freehold.formats.gguf_types import TYPES_BY_NAME
from freehold.formats.huggingface.folder import open_checkpoint
from freehold.formats.huggingface.stored import Stored
from freehold.formats.safetensors import read_safetensors
from freehold.formats.tensor_data import TensorData
from freehold.modify.convert import plan_gguf, with_recipe, write_plan
from freehold.modify.convert_back import FolderPlan, plan_folder, write_shard
from freehold.modify.convert_numbers import PLAINLY, Move, Quickness
from freehold.modify.recipe import Ingredient, Recipe
from freehold.progress import SILENT

CASES = recorded()
RECIPE = Recipe("convert", (Ingredient("it", "00"),))
README = """---
license: apache-2.0
language: [en, fr]
tags:
- small
base_model: someone/bigger
---
# A model
"""


def to_gguf(folder: Path, path: Path, target: str | None = None, pre: str | None = None) -> Path:
    """The file of a checkpoint."""
    checkpoint = open_checkpoint(folder)
    plan = with_recipe(plan_gguf(checkpoint, "Made", target, pre), checkpoint, RECIPE)
    with path.open("wb") as file:
        write_plan(file, plan)
    return path


def to_folder(path: Path, folder: Path, dtype: str | None = None) -> FolderPlan:
    """The checkpoint of a file."""
    plan = plan_folder(path, read_header(path), RECIPE, dtype)
    for name, data in plan.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    with SILENT.task("") as task:
        for name, moves in plan.shards.items():
            with (folder / name).open("wb") as file:
                write_shard(file, moves, task, Quickness())
    return plan


def tensors_of(path: Path) -> dict[str, tuple[str, bytes]]:
    """Type and bytes of each tensor of a GGUF file."""
    with TensorData.open(path) as data:
        return {
            tensor.name: (tensor.type.name, data.raw(tensor.name).tobytes())
            for tensor in data.header.tensors
        }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny Llama."""
    case = CASES["llama"]
    return write_folder(tmp_path / "checkpoint", case["config"], case["tensors"])


def change(folder: Path, name: str = "config.json", **values: Any) -> None:
    """Other values in one of its files."""
    document = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(document | values))


@pytest.mark.parametrize("name", CASES)
def test_there_and_back_and_there_again(name: str, tmp_path: Path) -> None:
    """What the numbers mean is in test_logits; here nothing of them is lost."""
    case = CASES[name]
    folder = write_folder(tmp_path / "checkpoint", case["config"], case["tensors"])
    made = to_gguf(folder, tmp_path / "made.gguf")
    to_folder(made, tmp_path / "back")
    again = to_gguf(tmp_path / "back", tmp_path / "again.gguf")
    first, second = read_header(made), read_header(again)
    assert tensors_of(made) == tensors_of(again)
    for key, value in first.metadata.items():
        if key != "freehold.huggingface":
            assert second.metadata[key] == value, key
    read = {each.name: each for each in read_safetensors(folder / "model.safetensors").tensors}
    back = read_safetensors(tmp_path / "back" / "model.safetensors")
    assert {each.name: each.shape for each in back.tensors} == {
        each.name: each.shape for each in read.values()
    }
    if not first.metadata["general.architecture"].startswith("gemma"):  # type: ignore[union-attr]
        files = folder / "model.safetensors", tmp_path / "back" / "model.safetensors"
        old, new = (path.read_bytes() for path in files)
        for each in back.tensors:
            was = read[each.name]
            assert (
                new[each.offset : each.offset + each.size]
                == old[was.offset : was.offset + was.size]
            ), each.name


@pytest.mark.parametrize("dtype", ["BF16", "F16"])
def test_numbers_of_two_bytes_stay_as_they_are(tmp_path: Path, dtype: str) -> None:
    case = CASES["qwen3"]
    folder = write_folder(tmp_path / "checkpoint", case["config"], case["tensors"], dtype)
    made = to_gguf(folder, tmp_path / "made.gguf")
    kinds = {len(t.shape): t.type.name for t in read_header(made).tensors}
    assert kinds == {1: "F32", 2: dtype}
    to_folder(made, tmp_path / "back")
    old, new = folder / "model.safetensors", tmp_path / "back" / "model.safetensors"
    sizes = {each.name: each.size for each in read_safetensors(old).tensors}
    assert {each.name: each.size for each in read_safetensors(new).tensors} == sizes
    again = to_gguf(tmp_path / "back", tmp_path / "again.gguf")
    assert tensors_of(made) == tensors_of(again)
    config = json.loads((tmp_path / "back" / "config.json").read_text())
    assert config["torch_dtype"] == {"BF16": "bfloat16", "F16": "float16"}[dtype]


def test_a_block_type_is_rounded_to(folder: Path, tmp_path: Path) -> None:
    made = to_gguf(folder, tmp_path / "made.gguf", "Q8_0")
    exact = to_gguf(folder, tmp_path / "exact.gguf")
    with TensorData.open(made) as data, TensorData.open(exact) as true:
        assert data.info("blk.0.attn_q.weight").type.name == "Q8_0"
        assert data.header.metadata["general.file_type"] == 7
        np.testing.assert_allclose(
            data.array("blk.0.attn_q.weight"), true.array("blk.0.attn_q.weight"), atol=0.006
        )
    to_folder(made, tmp_path / "back")  # quantized numbers come out as F32, which loses nothing
    back = read_safetensors(tmp_path / "back" / "model.safetensors")
    assert {each.dtype for each in back.tensors} == {"F32"}


def test_what_it_says_of_itself_goes_along(folder: Path, tmp_path: Path) -> None:
    (folder / "README.md").write_text(README)
    (folder / "chat_template.jinja").write_bytes(b"{% for m in messages %}\r\n{{ m.content }}")
    (folder / "additional_chat_templates").mkdir()
    (folder / "additional_chat_templates" / "tool_use.jinja").write_text("{{ tools }}")
    change(folder, _name_or_path="/home/somebody/run-7", eos_token_id=263)
    (folder / "tokenizer_config.json").write_text('{"eos_token": {"content": "<|end|>"}}')
    (folder / "generation_config.json").write_text('{"eos_token_id": [263, 264], "top_p": 0.9}')
    made = to_gguf(folder, tmp_path / "made.gguf")
    said = read_header(made).metadata
    assert said["general.license"] == "apache-2.0"
    assert said["general.languages"][:] == ["en", "fr"]  # type: ignore[index]
    assert said["general.base_model.0.repo_url"] == "https://huggingface.co/someone/bigger"
    assert said["tokenizer.chat_template"] == "{% for m in messages %}\r\n{{ m.content }}"
    assert said["tokenizer.chat_template.tool_use"] == "{{ tools }}"
    assert said["tokenizer.ggml.eos_token_id"] == 263
    assert '"sha256": "00"' in str(said["freehold.recipe"])
    assert b"somebody" not in made.read_bytes()
    back = tmp_path / "back"
    to_folder(made, back)
    assert (back / "chat_template.jinja").read_bytes() == (
        folder / "chat_template.jinja"
    ).read_bytes()
    assert (back / "additional_chat_templates" / "tool_use.jinja").read_text() == "{{ tools }}"
    generation = json.loads((back / "generation_config.json").read_text())
    assert generation["eos_token_id"] == [263, 264]
    assert generation["top_p"] == 0.9
    card = (back / "README.md").read_text()
    assert 'license: "apache-2.0"' in card
    assert 'base_model: ["someone/bigger"]' in card


def test_several_files_with_an_index(folder: Path, tmp_path: Path) -> None:
    case = CASES["llama"]
    names = list(case["tensors"])
    whole = to_gguf(folder, tmp_path / "whole.gguf")
    half = len(names) // 2
    table: dict[str, str] = {}
    for number, part in enumerate((names[:half], names[half:]), 1):
        write_folder(
            tmp_path / "part", case["config"], {name: case["tensors"][name] for name in part}
        )
        name = f"model-{number:05}-of-00002.safetensors"
        (tmp_path / "part" / "model.safetensors").replace(folder / name)
        table |= dict.fromkeys(part, name)
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": table}))
    assert tensors_of(to_gguf(folder, tmp_path / "split.gguf")) == tensors_of(whole)


def _config(**values: Any) -> Callable[[Path], None]:
    return lambda folder: change(folder, **values)


def _index(name: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        document = {"weight_map": {"model.norm.weight": name}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(document))

    return write


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _raw_config(text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "config.json").write_text(text)

    return write


def _without_tensor(folder: Path) -> None:
    case = CASES["llama"]
    tensors = {n: s for n, s in case["tensors"].items() if "1.mlp.up_proj" not in n}
    write_folder(folder, case["config"], tensors)


def _more_tensors(folder: Path) -> None:
    case = CASES["llama"]
    more = {"model.layers.0.mlp.router.weight": [4, 32]}
    write_folder(folder, case["config"], case["tensors"] | more)


def _tokenizer(**values: Any) -> Callable[[Path], None]:
    return lambda folder: change(folder, "tokenizer.json", **values)


@pytest.mark.parametrize(
    ("spoil", "kind", "reason"),
    [
        (_config(hidden_size=64), FormatError, r"of the shape .* where its configuration says"),
        (_config(num_hidden_layers=3), FormatError, "no tensor 'model.layers.2"),
        (_config(num_hidden_layers=10**6), FormatError, "claims 1,000,000 layers"),
        (_config(num_attention_heads=0), FormatError, "gives 0 as its num_attention_heads"),
        (_config(vocab_size="many"), FormatError, "gives many as its vocab_size"),
        (_config(rms_norm_eps=-1), FormatError, "gives -1 as its rms_norm_eps"),
        (_config(model_type="mamba"), UnsupportedModel, "of the kind 'mamba'"),
        (_config(hidden_act="relu"), UnsupportedModel, "the activation 'relu'"),
        (_config(rope_parameters={"rope_type": "dynamic", "factor": 2.0}), UnsupportedModel,
         "stretched by 'dynamic'"),
        (_config(quantization_config={"quant_method": "gptq"}), UnsupportedModel, "gptq"),
        (_raw_config('{"model_type": "llama", "rope_theta": NaN}'), FormatError, "NaN is not JSON"),
        (_raw_config("[]"), FormatError, "not a JSON object"),
        (_index("../elsewhere.safetensors"), FormatError, "no safetensors file of the folder's"),
        (_index("/etc/passwd"), FormatError, "no safetensors file of the folder's"),
        (_index("gone.safetensors"), StorageError, "gone.safetensors is missing"),
        (_pickled, UnsupportedModel, "to unpickle a file is to run whatever program is in it"),
        (_cut, FormatError, "not a well-formed safetensors file"),
        (_without_tensor, FormatError, "no tensor 'model.layers.1.mlp.up_proj.weight'"),
        (_more_tensors, UnsupportedModel, "mlp.router.weight.* no place for"),
        (_tokenizer(model={"type": "Unigram", "vocab": []}), UnsupportedModel, "kind Unigram"),
        (_tokenizer(pre_tokenizer={"type": "Whitespace"}), UnsupportedModel, "--pre NAME"),
        (_config(vocab_size=320, tie_word_embeddings=False), FormatError, "'lm_head.weight'"),
        (lambda folder: (folder / "tokenizer.json").unlink(), FormatError, "no tokenizer"),
        (lambda folder: (folder / "config.json").unlink(), FormatError, "no config.json"),
    ],
)  # fmt: skip
def test_lies_and_harm_are_refused(
    folder: Path, tmp_path: Path, spoil: Callable[[Path], object],
    kind: type[FreeholdError], reason: str,
) -> None:  # fmt: skip
    spoil(folder)
    with pytest.raises(kind, match=reason):
        to_gguf(folder, tmp_path / "made.gguf")


def test_code_and_pickles_beside_are_passed_over_with_a_word(folder: Path) -> None:
    change(folder, auto_map={"AutoModel": "modeling.Evil"})
    (folder / "training_args.bin").write_bytes(b"\x80\x04.")
    notes = plan_gguf(open_checkpoint(folder), "it", None, None).notes
    assert notes == (
        "config.json names code of its own (auto_map): it was not run.",
        "Pickles were not opened: training_args.bin.",
    )


def test_a_way_of_cutting_can_be_named(folder: Path, tmp_path: Path) -> None:
    _tokenizer(pre_tokenizer={"type": "Whitespace"})(folder)
    made = to_gguf(folder, tmp_path / "made.gguf", pre="falcon")
    assert read_header(made).metadata["tokenizer.ggml.pre"] == "falcon"
    with pytest.raises(UnsupportedModel, match=r"llama\.cpp calls 'falcon'"):
        to_folder(made, tmp_path / "back")


def test_the_part_for_text_of_a_model_that_sees(tmp_path: Path) -> None:
    case = CASES["gemma3"]
    plain = write_folder(tmp_path / "plain", case["config"], case["tensors"])
    seeing = write_folder(
        tmp_path / "seeing",
        {"model_type": "gemma3", "text_config": case["config"], "vision_config": {}},
        {**case["tensors"], "vision_tower.encoder.weight": [4, 4]},
    )
    names = {f"language_model.{name}": shape for name, shape in case["tensors"].items()}
    assert open_checkpoint(seeing).tensors.keys() == case["tensors"].keys()
    write_folder(tmp_path / "prefixed", case["config"], names)
    assert open_checkpoint(tmp_path / "prefixed").tensors.keys() == case["tensors"].keys()
    first, second = to_gguf(plain, tmp_path / "a.gguf"), to_gguf(seeing, tmp_path / "b.gguf")
    assert tensors_of(first) == tensors_of(second)
    assert "part for text" in plan_gguf(open_checkpoint(seeing), "x", None, None).notes[0]


def test_the_engine_is_told_of_marks_that_take_spaces_away(folder: Path, tmp_path: Path) -> None:
    """It knows by the word in a model's name alone."""
    document = byte_pairs()
    for token in document["added_tokens"][:2]:
        token["rstrip"] = True
    (folder / "tokenizer.json").write_text(json.dumps(document))
    made = to_gguf(folder, tmp_path / "made.gguf")
    assert read_header(made).metadata["general.name"] == "Made (Phi-3)"
    back = to_folder(made, tmp_path / "back").files["tokenizer.json"]
    flags = {each["content"]: each["rstrip"] for each in json.loads(back)["added_tokens"]}
    assert flags == {"<|end|>": True, "<|start|>": True, "two words": False}


def test_two_tokens_of_one_text_are_refused(folder: Path, tmp_path: Path) -> None:
    document = byte_pairs()
    document["added_tokens"].append({**document["added_tokens"][0], "id": 300})
    (folder / "tokenizer.json").write_text(json.dumps(document))
    with pytest.raises(FormatError, match=r"the token '<\|end\|>' twice"):
        to_gguf(folder, tmp_path / "made.gguf")


def test_sentence_pieces_get_scores_from_the_order_of_merges(folder: Path, tmp_path: Path) -> None:
    (folder / "tokenizer.json").write_text(json.dumps(pieces()))
    change(folder, bos_token_id=1, eos_token_id=2)
    made = to_gguf(folder, tmp_path / "made.gguf")
    said = read_header(made).metadata
    assert said["tokenizer.ggml.model"] == "llama"
    assert said["tokenizer.ggml.add_bos_token"] is True
    assert said["tokenizer.ggml.add_space_prefix"] is True
    tokens, scores = (said[f"tokenizer.ggml.{key}"] for key in ("tokens", "scores"))
    assert isinstance(tokens, GgufArray)
    assert isinstance(scores, GgufArray)
    of = {str(token): float(score) for token, score in zip(tokens, scores, strict=True)}
    assert of["▁t"] > of["he"] > of["▁the"] > of["in"] > of["▁a"]
    to_folder(made, tmp_path / "back")
    document = json.loads((tmp_path / "back" / "tokenizer.json").read_text())
    assert document["model"]["vocab"] == pieces()["model"]["vocab"]
    assert document["model"]["merges"] == pieces()["model"]["merges"]
    assert document["normalizer"] == pieces()["normalizer"]
    assert document["post_processor"]["single"] == pieces()["post_processor"]["single"]
    (tmp_path / "back" / "tokenizer.json").unlink()  # tokenizer.model alone says as much
    again = read_header(to_gguf(tmp_path / "back", tmp_path / "again.gguf")).metadata
    for key in ("tokens", "scores", "token_type", "add_space_prefix", "bos_token_id"):
        assert again[f"tokenizer.ggml.{key}"] == said[f"tokenizer.ggml.{key}"], key


def test_numbers_too_large_for_f16_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    path.write_bytes(np.array([1, 65_504, 70_000, 1], "<f4").tobytes())
    whole, half = TYPES_BY_NAME["F32"], TYPES_BY_NAME["F16"]
    with SILENT.task("") as task:
        fits = Move(Stored("w", path, 0, (1, 2), whole), "w", half)
        assert b"".join(fits.pieces(task, PLAINLY)) == np.array([1, 65_504], "<f2").tobytes()
        larger = Move(Stored("w", path, 0, (2, 2), whole), "w", half)
        with pytest.raises(FormatError, match="too large for F16"):
            list(larger.pieces(task, PLAINLY))
