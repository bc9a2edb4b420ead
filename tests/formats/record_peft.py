"""Record an adapter as PEFT itself writes it, and what torch computes with it.

    PYTHONPATH=src:. python tests/formats/record_peft.py

in an environment with `freehold[torch]`. The model is the synthetic one of
`tests.transformer.making`, made again from its seed; what is recorded lies in `recorded_peft/`.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from tests.transformer.making import BASE, IDS, made

from freehold.formats.gguf import read_header
from freehold.modify.torch_training.base import load_base
from freehold.modify.torch_training.installed import loaded

PLACE = Path(__file__).parent / "recorded_peft"
MATRICES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def main() -> None:
    torch, transformers, peft = loaded()
    with tempfile.TemporaryDirectory() as folder:
        path = made(Path(folder), BASE)
        device = torch.device("cpu")
        base = load_base(torch, transformers, path, read_header(path), device, 1 << 30)
    torch.manual_seed(7)
    config = peft.LoraConfig(
        r=2, lora_alpha=3.0, target_modules=MATRICES, task_type="CAUSAL_LM",
        init_lora_weights=False,  # B of random numbers, as if it had learned
    )  # fmt: skip
    model = peft.get_peft_model(base, config)
    model.eval()
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([IDS])).logits[0, -1]
    shares = torch.log_softmax(logits.double(), dim=0)
    model.peft_config["default"].base_model_name_or_path = "synthetic"
    shutil.rmtree(PLACE, ignore_errors=True)
    model.save_pretrained(PLACE)
    (PLACE / "README.md").unlink(missing_ok=True)
    (PLACE / "log_probabilities.json").write_text(
        json.dumps([round(each, 4) for each in shares.tolist()]) + "\n"
    )


if __name__ == "__main__":
    main()
