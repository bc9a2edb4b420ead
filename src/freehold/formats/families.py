"""What llama.cpp knows of model families beyond their headers: windows, states, caches.

A header often leaves out what every program that runs the family has built in: which layers have a
sliding window, which keep a state in place of keys and values, which keep nothing. The rules are
those of llama.cpp (its files src/models/*.cpp and llama-model.cpp, October 2026), by the names of
`general.architecture`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


@dataclass(frozen=True)
class WindowRule:
    """Which layers of a family have a window when the file says how long it is.

    A file that lists them (`attention.sliding_window_pattern`) is believed; this is for the rest.
    """

    period: int | None
    """One layer of so many sees everything; 0: none does; None: the file has to say."""
    first: bool = False
    """The first of each period sees everything, rather than the last."""
    default: int | None = None
    """The window where the file has none."""
    fixed: int | None = None
    """The window whatever the file says, unless that is 0."""
    layers: int | None = None
    """Only models of so many layers have windows."""


WINDOWS: Mapping[str, WindowRule] = MappingProxyType(
    {
        "afmoe": WindowRule(4),
        "cohere2": WindowRule(4),
        "cohere2moe": WindowRule(4, first=True),
        "exaone-moe": WindowRule(4, default=128),
        "exaone4": WindowRule(4, default=4096, layers=64),
        "gemma2": WindowRule(2, default=4096),
        "gemma3": WindowRule(6),
        "gemma3n": WindowRule(5),
        "gemma4": WindowRule(None),
        "gpt-oss": WindowRule(2),
        "granite_swa": WindowRule(None),
        "laguna": WindowRule(4, first=True),
        "lfm2": WindowRule(0),
        "llama4": WindowRule(4, default=8192, fixed=8192),
        "maple": WindowRule(None),
        "mellum": WindowRule(4),
        "mimo2": WindowRule(None),
        "muse-glimmer": WindowRule(4),
        "olmo2": WindowRule(4),
        "plamo3": WindowRule(8),
        "smallthinker": WindowRule(4, first=True, fixed=4096),
        "spark2_5": WindowRule(None),
        "step35": WindowRule(None),
    }
)
"""In every other family every layer sees the whole context, even if the file names a window
(Phi-3, Qwen2, Mistral): llama.cpp passes over it."""

NO_CACHE = _names(
    "bert clef dream eurobert gemma-embedding gemma-embedding2 jina-bert-v2 jina-bert-v3 llada "
    "llada-moe modern-bert neo-bert nomic-bert nomic-bert-moe rnd1 t5encoder "
    "wavtokenizer-dec"
)
"""They read a text in one go, and keep no keys and values."""

RECURRENT = _names("arwkv7 mamba mamba2 rwkv6 rwkv6qwen2 rwkv7")
"""Every layer keeps a state of fixed size."""

STATE_WITHOUT_KV_HEADS = _names(
    "bailingmoe3 glm5-next granitehybrid jamba kimi-k3 kimi-linear lfm2 lfm2moe nemotron_h "
    "nemotron_h_moe plamo2"
)
"""Layers with no key and value heads keep a state instead."""

BOTH = frozenset({"falcon-h1"})
"""Every layer keeps keys, values and a state."""

STATE_BY_INTERVAL: Mapping[str, int] = MappingProxyType(
    {"minimax-01": 8, "qwen35": 4, "qwen35moe": 4, "qwen3next": 4, "qwen4exp": 4}
)
"""One layer of so many has attention, unless the file says otherwise; the others keep a state."""

MORE_THAN_COUNTED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("deepseek32", "dots3note", "glm-dsa", "glm5-next", "hy_v4", "minimax-m3", "qwen4exp"),
            "the index that its sparse attention keeps",
        ),
        **dict.fromkeys(("deepseek4", "dflash"), "its compressed cache"),
        "gemma4-assistant": "the model whose cache it shares",
        "minimax-01": "the state of its linear attention",
        "t5": "what it keeps of the text it was given",
    }
)
"""Parts of a cache that no rule here computes, in words."""

KNOWN = (
    _names(
        "apertus arcee arctic baichuan bailingmoe bailingmoe2 bitnet bloom chameleon chatglm "
        "codeshell cogvlm command-r dbrx deci deepseek deepseek2 deepseek2-ocr dots1 eagle3 "
        "ernie4_5 ernie4_5-moe exaone falcon gemma glm4 glm4moe gpt2 gptj gptneox granite "
        "granitemoe graniteswitch grok grovemoe hrm_text hunyuan-dense hunyuan-moe hunyuan_vl "
        "hy_v3 internlm2 jais jais2 k2-horizon llama llama-embed maincoder minicpm minicpm3 "
        "minimax-m2 mistral3 mistral4 mpt nanbeige nemotron olmo olmoe openelm orion paddleocr "
        "pangu-embedded phi2 phi3 phimoe plamo plm pockettts qwen qwen2 qwen2moe qwen2vl qwen3 "
        "qwen3moe qwen3tts qwen3vl qwen3vlmoe refact seed_oss smollm3 stablelm starcoder "
        "starcoder2 talkie xverse"
    )
    | WINDOWS.keys()
    | NO_CACHE
    | RECURRENT
    | STATE_WITHOUT_KV_HEADS
    | BOTH
    | STATE_BY_INTERVAL.keys()
    | MORE_THAN_COUNTED.keys()
)
"""Every family that llama.cpp runs as a language model."""
