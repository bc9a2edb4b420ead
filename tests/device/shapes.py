"""Shapes of models to predict with."""

from __future__ import annotations

from freehold.formats.model_shape import LayerShape, ModelShape, WeightGroup, WeightRole

LAYER = LayerShape(16, 4, 128, 128, 8192)


def dense(layers: int = 8, block_type: str = "Q4_K", bytes_per_weight: float = 0.5625,
          layer: LayerShape = LAYER) -> ModelShape:  # fmt: skip
    """A model of 61 million weights a layer and an output matrix of its own."""
    elements, table = layers * 61_000_000, 32_000 * 2048
    return ModelShape(
        architecture="llama",
        layers=(layer,) * layers,
        embedding_width=2048,
        vocabulary=32_000,
        context_length=32_768,
        weights=(
            WeightGroup(WeightRole.EMBEDDING, block_type, 1, table, int(table * bytes_per_weight)),
            WeightGroup(WeightRole.OUTPUT, block_type, 1, table, int(table * bytes_per_weight)),
            WeightGroup(
                WeightRole.LAYER, block_type, 7 * layers, elements,
                int(elements * bytes_per_weight),
            ),
        ),
    )  # fmt: skip
