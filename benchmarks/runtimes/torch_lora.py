"""The other side of training_cost.py, in an environment with torch, transformers, PEFT and gguf."""

import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, GgufConfig

MATRICES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def batch_of(examples):
    """Padded on the right; what is not learned, and the padding, is -100 among the labels."""
    longest = max(len(each["ids"]) for each in examples)
    ids = torch.zeros((len(examples), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, -100)
    for row, each in enumerate(examples):
        count = len(each["ids"])
        ids[row, :count] = torch.tensor(each["ids"])
        mask[row, :count] = 1
        for at, learn in enumerate(each["learned"]):
            if learn:
                labels[row, at] = each["ids"][at]
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def loss_of(model, examples):
    """The mean over all learned tokens."""
    with torch.no_grad():
        total, count = 0.0, 0
        for each in examples:
            learned = sum(each["learned"][1:])
            total += float(model(**batch_of([each])).loss) * learned
            count += learned
    return total / count


def main():
    work = json.loads(Path(sys.argv[1]).read_text())
    path = Path(work["model"])
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(
        path.parent,
        gguf_file=path.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.float32,
    )
    config = LoraConfig(
        r=work["rank"], lora_alpha=work["alpha"], target_modules=MATRICES, lora_dropout=0.0,
        task_type="CAUSAL_LM",
    )  # fmt: skip
    model = get_peft_model(model, config)
    with np.load(work["begun"]) as begun, torch.no_grad():
        for name in begun.files:
            layer = model.get_submodule(f"base_model.model.{name}")
            layer.lora_A["default"].weight.copy_(torch.from_numpy(begun[name]))
    learned = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(learned, weight_decay=0.0)
    model.eval()  # there is no dropout to switch on
    before = loss_of(model, work["held_out"])
    times = []
    for step, rate in zip(work["trained"], work["rates"], strict=True):
        began = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = rate
        model(**batch_of(step["batch"])).loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        times.append(time.perf_counter() - began)
    after = loss_of(model, work["held_out"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({
        "seconds": statistics.median(times), "peak_bytes": peak, "before": before, "after": after,
        "torch": torch.__version__,
    }))  # fmt: skip


main()
