"""A logit lens by transformers and torch, of a GGUF file: what `lens_cost.py` compares with.

Run as `python lens_transformers.py MODEL IDS` with an interpreter that has torch, transformers,
accelerate and gguf: the model file, and a file with token ids as JSON. Every layer's residual
stream goes through the last norm and the output matrix, one layer at a time so that no more logits
than one layer's are held; kept are the five likeliest tokens and how likely the model's own answer
is, for each layer and position. Prints the figures as one line of JSON. Linux only: it reads /proc.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import torch
from one_answer import peak_memory
from transformers import AutoModelForCausalLM


def main() -> None:
    path, ids = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    model = AutoModelForCausalLM.from_pretrained(
        str(path.parent), gguf_file=path.name, dtype=torch.float32
    )
    loaded = time.monotonic()
    with torch.no_grad():
        out = model.model(torch.tensor([ids]), output_hidden_states=True, use_cache=False)
        last = out.hidden_states[-1][0]  # normed already, unlike the others
        answers = model.lm_head(last).argmax(-1)
        told = []
        for stream in [*(model.model.norm(each[0]) for each in out.hidden_states[:-1]), last]:
            shares = torch.log_softmax(model.lm_head(stream), -1)
            best = shares.topk(5)
            own = shares.gather(-1, answers[:, None])[:, 0]
            told.append((best.indices, best.values, own))
    figures = {
        "loaded_at": loaded,
        "done_at": time.monotonic(),
        "peak_memory_bytes": peak_memory(),
        "answers": answers.tolist(),
        "middle": [each.tolist() for each in told[len(told) // 2][0][-3:]],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
