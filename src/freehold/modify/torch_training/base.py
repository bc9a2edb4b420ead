"""A GGUF file as a torch model: dequantized by transformers, frozen, checked to be whole.

Only the file itself is read: it is named from an empty folder, so that no configuration, code or
adapter beside it is found, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from freehold.errors import NotEnoughMemory, UnsupportedModel
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import integer, text
from freehold.formats.tensor_data import TensorData
from freehold.transformer.config import read_config
from freehold.units import human_bytes

_FACTORS = "rope_freqs.weight"
_HALF = 2
_SINGLE = 4


def load_base(
    torch: Any, transformers: Any, path: Path, header: GgufHeader, device: Any, memory: int
) -> Any:
    """The model on its device. `memory` is what may be used of the machine's own, in bytes.

    Raises UnsupportedModel for a family that transformers does not read from GGUF, NotEnoughMemory.
    """
    numbers = sum(tensor.elements for tensor in header.tensors)
    kind = _number_kind(torch, device, numbers)
    size = numbers * (_HALF if kind is torch.bfloat16 else _SINGLE)
    room = memory
    if device.type == "cuda":
        room = min(memory, torch.cuda.mem_get_info(device)[0])
    if size > room:
        raise NotEnoughMemory(
            f"torch would hold this model in {human_bytes(size)}, and may use {human_bytes(room)}.",
            "Train without --with torch: NumPy reads the quantized weights as they are.",
        )
    with TemporaryDirectory() as empty:
        try:
            model, found = transformers.AutoModelForCausalLM.from_pretrained(
                empty,
                gguf_file=str(path.absolute()),
                quantization_config=transformers.GgufConfig(dequantize=True),
                dtype=kind,
                attn_implementation=_attention(header),
                **_left_out(header),
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
        except (ValueError, KeyError, NotImplementedError, RuntimeError, OSError) as error:
            raise _not_loaded(header, str(error)) from error
    if wrong := sorted(_lacking(model, found)):
        raise _not_loaded(header, f"it finds no {', '.join(wrong[:3])}")
    _stretch(torch, model, path, header)
    model.requires_grad_(requires_grad=False)
    model.eval()
    for part in model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
    model.config.use_cache = False
    return model.to(device)


def _number_kind(torch: Any, device: Any, numbers: int) -> Any:
    """Single precision where half of the device's memory holds it; bfloat16 on a smaller GPU."""
    if device.type != "cuda":
        return torch.float32
    total = torch.cuda.mem_get_info(device)[1]
    small = _SINGLE * numbers > total // 2
    return torch.bfloat16 if small and torch.cuda.is_bf16_supported() else torch.float32


def _attention(header: GgufHeader) -> str:
    """torch's own attention, but where scores are capped: it knows no caps."""
    family = text(header, "general.architecture")
    capped = family == "gemma2" or f"{family}.attn_logit_softcapping" in header.metadata
    return "eager" if capped else "sdpa"


def _left_out(header: GgufHeader) -> dict[str, float | None]:
    """What transformers takes for granted, where the file says it."""
    family = text(header, "general.architecture")
    said: dict[str, float | None] = {"pad_token_id": None}
    if family in {"llama", "qwen3", "gemma2", "gemma3"}:
        config = read_config(header)
        said["head_dim"] = config.head_width
        if family.startswith("gemma"):
            said["query_pre_attn_scalar"] = round(config.attention_scale**-2)
        if family == "gemma2":
            said["attn_logit_softcapping"] = config.attention_cap
            said["final_logit_softcapping"] = config.logit_cap
    if family == "qwen3moe":
        said["moe_intermediate_size"] = integer(header, f"{family}.expert_feed_forward_length")
        said["norm_topk_prob"] = True
    return said


def _stretch(torch: Any, model: Any, path: Path, header: GgufHeader) -> None:
    """Divide the rotations' frequencies as Llama 3 does: transformers leaves the tensor out."""
    if _FACTORS not in header.by_name:
        return
    with TensorData.open(path) as data:
        factors = torch.from_numpy(data.array(_FACTORS).copy())
    rotations = model.get_submodule("model.rotary_emb")
    rotations.inv_freq.div_(factors.to(rotations.inv_freq.device))


def _lacking(model: Any, found: dict[str, Any]) -> Iterable[str]:
    """Weights of the model that the file had none for."""
    tied = set(getattr(model, "all_tied_weights_keys", None) or ())
    yield from (str(each) for each in found["missing_keys"] if each not in tied)
    yield from (str(each) for each in found["mismatched_keys"])


def _not_loaded(header: GgufHeader, why: str) -> UnsupportedModel:
    family = text(header, "general.architecture") or "unknown"
    first = why.strip().splitlines()[0] if why.strip() else "no reason given"
    return UnsupportedModel(
        f"transformers cannot load this model of the family {family}: {first[:200]}",
        "Train without --with torch, if it is one that Freehold opens up itself.",
    )
