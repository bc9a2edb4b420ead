"""Instruction sets that make a model faster, in the words that the engine uses for itself.

What the systems call them differs; what is not in these tables makes no difference to ggml.
"""

from __future__ import annotations

from collections.abc import Iterable

_LINUX_X86 = {
    "SSE3": ("pni",),
    "SSSE3": ("ssse3",),
    "AVX": ("avx",),
    "AVX_VNNI": ("avx_vnni",),
    "AVX2": ("avx2",),
    "F16C": ("f16c",),
    "FMA": ("fma",),
    "BMI2": ("bmi2",),
    # All that compilers mean by it since Skylake, as ggml does.
    "AVX512": ("avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"),
    "AVX512_VBMI": ("avx512vbmi",),
    "AVX512_VNNI": ("avx512_vnni",),
    "AVX512_BF16": ("avx512_bf16",),
    "AMX_INT8": ("amx_tile", "amx_int8"),
}
_LINUX_ARM = {
    "NEON": ("asimd",),
    "ARM_FMA": ("asimd",),  # every 64-bit ARM has it
    "FP16_VA": ("asimdhp",),
    "MATMUL_INT8": ("i8mm",),
    "SVE": ("sve",),
    "DOTPROD": ("asimddp",),
    "SME": ("sme",),
}
_LINUX_OTHER = {"RISCV_V": ("v",), "VXE": ("vxe",), "VSX": ("vsx",)}
LINUX = _LINUX_X86 | _LINUX_ARM | _LINUX_OTHER
"""Flags in /proc/cpuinfo, all of which it takes."""

MACOS = {
    "NEON": ("hw.optional.AdvSIMD",),
    "ARM_FMA": ("hw.optional.AdvSIMD",),
    "FP16_VA": ("hw.optional.arm.FEAT_FP16",),
    "MATMUL_INT8": ("hw.optional.arm.FEAT_I8MM",),
    "DOTPROD": ("hw.optional.arm.FEAT_DotProd",),
    "SME": ("hw.optional.arm.FEAT_SME",),
    "SSE3": ("hw.optional.sse3",),
    "SSSE3": ("hw.optional.supplementalsse3",),
    "AVX": ("hw.optional.avx1_0",),
    "AVX2": ("hw.optional.avx2_0",),
    "F16C": ("hw.optional.f16c",),
    "FMA": ("hw.optional.fma",),
    "BMI2": ("hw.optional.bmi2",),
    "AVX512": (
        "hw.optional.avx512f",
        "hw.optional.avx512cd",
        "hw.optional.avx512vl",
        "hw.optional.avx512dq",
        "hw.optional.avx512bw",
    ),
    "AVX512_VBMI": ("hw.optional.avx512vbmi",),
}
"""Names for sysctl that must be 1."""

WINDOWS = {"SSE3": 13, "SSSE3": 36, "AVX": 39, "AVX2": 40, "AVX512": 41, "NEON": 19, "DOTPROD": 43}
"""What IsProcessorFeaturePresent is asked. It has no word for the others."""

ARITHMETIC = frozenset({*LINUX, *MACOS, *WINDOWS})
"""Every word used here. The engine also lists what is not the processor's, such as OPENMP."""


def by_flags(table: dict[str, tuple[str, ...]], flags: Iterable[str]) -> tuple[str, ...]:
    """Those of `table` whose flags are all there."""
    present = frozenset(flags)
    return tuple(name for name, wanted in table.items() if present.issuperset(wanted))
