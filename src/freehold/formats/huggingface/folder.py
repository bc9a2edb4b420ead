"""Open a checkpoint's folder: its configuration and where its tensors lie. Nothing is trusted.

Only JSON and safetensors are read. Weights in pickles (.bin, .pt) are refused, never opened: to
unpickle a file is to run it. Code that a configuration names (`auto_map`) is never run. What was
passed over is said in `notes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.errors import FormatError, StorageError, UnsupportedModel
from freehold.formats.gguf_cursor import quoted
from freehold.formats.huggingface.stored import Stored, of_safetensors
from freehold.formats.opened import opened
from freehold.formats.safetensors import read_safetensors
from freehold.formats.strict_json import LARGE, MAX_BYTES, Object, parse_large, parse_object

CONFIG, INDEX = "config.json", "model.safetensors.index.json"
_ONE = "model.safetensors"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_TEXT_PREFIXES = ("language_model.", "model.language_model.")
_OTHER_SENSES = ("vision_tower.", "multi_modal_projector.", "model.vision_tower.",
                 "model.multi_modal_projector.")  # fmt: skip


@dataclass(frozen=True)
class Checkpoint:
    """What a folder holds."""

    folder: Path
    config: Object
    """Of the part for text, where there are others."""
    tensors: dict[str, Stored]
    files: tuple[Path, ...]
    """Those with tensors."""
    notes: tuple[str, ...]

    def document(self, name: str) -> Object | None:
        """Another JSON file of the folder's; None where it is not there."""
        return read_document(self.folder / name)

    def text(self, name: str) -> str | None:
        """A file of text, as it is; None where it is not there."""
        data = read_bytes(self.folder / name, MAX_BYTES)
        try:
            return None if data is None else data.decode()
        except UnicodeDecodeError as error:
            raise FormatError(f"{self.folder / name} is not UTF-8 text.") from error


def open_checkpoint(folder: Path) -> Checkpoint:
    """Read the headers of all that is there. Raises FormatError, StorageError, UnsupportedModel."""
    try:
        return _open(folder)
    except OSError as error:
        raise StorageError(f"{folder} cannot be read: {error.strerror}.") from error


def _open(folder: Path) -> Checkpoint:
    config = read_document(folder / CONFIG)
    if config is None:
        raise FormatError(f"{folder} has no {CONFIG}: it is no checkpoint.", _other_kind(folder))
    notes = list(_passed_over(folder, config))
    if (quantized := config.get("quantization_config")) is not None:
        kind = quantized.get("quant_method") if isinstance(quantized, dict) else None
        raise UnsupportedModel(
            f"{folder} is quantized ({str(kind)[:40]}), which is not converted.",
            "Look for the checkpoint that it was made from.",
        )
    files = _files(folder)
    tensors: dict[str, Stored] = {}
    for path in files:
        for tensor in read_safetensors(path).tensors:
            name = _plain_name(tensor.name)
            if name is None:
                continue
            if name in tensors:
                raise FormatError(f"{folder} has the tensor {quoted(name)} twice.")
            tensors[name] = of_safetensors(path, tensor)
    if isinstance(inner := config.get("text_config"), dict):
        notes.append("Only its part for text is converted, not what it sees with.")
        config = {**inner, "model_type": inner.get("model_type", config.get("model_type"))}
    return Checkpoint(folder, config, tensors, files, tuple(notes))


def read_document(path: Path, large: bool = False) -> Object | None:
    """A JSON file; None where it is not there. Raises FormatError, StorageError."""
    data = read_bytes(path, LARGE if large else MAX_BYTES)
    if data is None:
        return None
    return (parse_large if large else parse_object)(data, str(path))


def read_bytes(path: Path, most: int) -> bytes | None:
    """A whole small file; None where it is not there. Raises FormatError, StorageError."""
    if not path.exists():
        return None
    with opened(path) as (file, size):
        if size > most:
            raise FormatError(f"{path} is absurdly long: {size:,} bytes.")
        return file.read()


def _plain_name(name: str) -> str | None:
    """A tensor's name in a model for text alone; None of what sees."""
    if name.startswith(_OTHER_SENSES):
        return None
    for prefix in _TEXT_PREFIXES:
        if name.startswith(prefix):
            rest = name.removeprefix(prefix)
            return rest if rest.startswith(("model.", "lm_head.")) else f"model.{rest}"
    return name


def _files(folder: Path) -> tuple[Path, ...]:
    index = read_document(folder / INDEX)
    if index is not None:
        names = _named(index, folder)
    elif (folder / _ONE).exists():
        names = [_ONE]
    else:
        names = sorted(
            path.name
            for path in folder.glob("*.safetensors")
            if not path.name.startswith(("consolidated", "adapter_"))
        )
    if not names:
        raise _no_weights(folder)
    paths = tuple(folder / name for name in names)
    for path in paths:
        if not path.exists():
            raise StorageError(
                f"{path.name} is missing from {folder}.", "Fetch the whole checkpoint."
            )
    return paths


def _named(index: Object, folder: Path) -> list[str]:
    """The files that an index names, each of them inside the folder."""
    table = index.get("weight_map")
    if not isinstance(table, dict) or not all(isinstance(name, str) for name in table.values()):
        raise FormatError(f"{folder / INDEX} has no table of files.")
    names = sorted(set(table.values()))
    for name in names:
        if name != Path(name).name or "\\" in name or not name.endswith(".safetensors"):
            raise FormatError(
                f"{folder / INDEX} names {quoted(name)}, which is no safetensors file of the "
                "folder's.",
                "It was made to do harm, or by mistake: fetch the checkpoint again.",
            )
    return names


def _no_weights(folder: Path) -> FormatError:
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
    if pickles:
        return UnsupportedModel(
            f"{folder} has its weights in pickles ({', '.join(pickles[:3])}), which Freehold never "
            "opens: to unpickle a file is to run whatever program is in it.",
            "Look for the same model as safetensors: nearly all have been published so.",
        )
    return FormatError(f"{folder} has no safetensors files.", "A checkpoint has at least one.")


def _other_kind(folder: Path) -> str:
    if (folder / "adapter_config.json").exists():
        return f"It is an adapter: freehold modify adapter {folder} --for MODEL"
    return f"A checkpoint is a folder with {CONFIG}, safetensors files and a tokenizer."


def _passed_over(folder: Path, config: dict[str, Any]) -> list[str]:
    notes = []
    if config.get("auto_map"):
        notes.append("config.json names code of its own (auto_map): it was not run.")
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
    if pickles:
        notes.append(f"Pickles were not opened: {', '.join(pickles[:3])}.")
    return notes
