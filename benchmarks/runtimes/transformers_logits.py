"""Make tests/formats/huggingface/logits.json: what transformers computes for tiny models of each
family, with the weights that the tests give them.

    PYTHONPATH=.:src /path/to/an/environment/with/transformers/bin/python \\
        benchmarks/runtimes/transformers_logits.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.formats.huggingface.checkpoints import IDS, PLACES, SHOWN, random_numbers

SHAPE: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "vocab_size": 320, "max_position_embeddings": 64,
}  # fmt: skip
GEMMA = {"head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": 6}
STRETCHED = {"factor": 4.0, "original_max_position_embeddings": 16}
LLAMA3 = {"rope_type": "llama3", **STRETCHED, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
LONG = {
    "rope_type": "longrope", "original_max_position_embeddings": 16,
    "long_factor": [1.0, 1.5, 2.0, 4.0], "short_factor": [1.0, 1.1, 1.2, 1.3],
}  # fmt: skip
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", {"tie_word_embeddings": True}),
    "llama with biases": ("llama", {"attention_bias": True, "mlp_bias": True}),
    "llama 3": ("llama", {"rope_scaling": LLAMA3, "rope_theta": 500.0}),
    "llama, linear": ("llama", {"rope_scaling": {"rope_type": "linear", "factor": 4.0}}),
    "llama, yarn": ("llama", {"rope_scaling": {"rope_type": "yarn", **STRETCHED}}),
    "mistral": ("mistral", {"sliding_window": None, "head_dim": 12}),
    "qwen2": ("qwen2", {}),
    "qwen3": ("qwen3", {"head_dim": 12}),
    "gemma2": ("gemma2", {**GEMMA, "num_hidden_layers": 3}),
    "gemma3": (
        "gemma3_text",
        {**GEMMA, "num_hidden_layers": 7, "rope_scaling": {"rope_type": "linear", "factor": 8.0}},
    ),
    "phi3": ("phi3", {"sliding_window": None, "pad_token_id": 0}),
    "phi3, long": (
        "phi3", {"rope_scaling": LONG, "pad_token_id": 0, "original_max_position_embeddings": 16},
    ),
    "olmo2": ("olmo2", {}),
}  # fmt: skip


def main() -> None:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    recorded = {}
    for name, (kind, values) in CASES.items():
        config = AutoConfig.for_model(kind, **{**SHAPE, **values})
        config._attn_implementation = "eager"
        model = AutoModelForCausalLM.from_config(config).float().eval()
        with torch.no_grad():
            for key, tensor in model.state_dict().items():
                if config.tie_word_embeddings and key == "lm_head.weight":
                    continue  # the same numbers as the embedding's
                tensor.copy_(torch.from_numpy(random_numbers(key, tuple(tensor.shape))))
            model.tie_weights()
            logits = model(torch.tensor([IDS])).logits[0]
        said = json.loads(config.to_json_string(use_diff=True))
        recorded[name] = {
            "config": {**said, "model_type": kind},
            "tensors": {
                key: list(tensor.shape)
                for key, tensor in model.state_dict().items()
                if not (config.tie_word_embeddings and key == "lm_head.weight")
            },
            "logits": [[round(float(x), 6) for x in logits[at, :SHOWN]] for at in PLACES],
        }
        print(name, recorded[name]["logits"][-1][:3])
    path = Path("tests/formats/huggingface/logits.json")
    path.write_text(json.dumps(recorded, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
