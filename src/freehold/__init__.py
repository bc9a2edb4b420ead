"""Freehold: the right to local intelligence, as software.

    import freehold

    model = freehold.open("smollm2")
    run = model.trace("The capital of France is")
    run.residual[12]

Names load when they are first used, so that importing this costs nothing. Their types are in
`__init__.pyi`; docs/transformer.md has examples.
"""

from importlib import import_module

__version__ = "0.1.0"

_FROM = {
    "Candidate": "freehold.actions.notebook",
    "ContextExceeded": "freehold.errors",
    "FormatError": "freehold.errors",
    "FreeholdError": "freehold.errors",
    "NotOwned": "freehold.errors",
    "Run": "freehold.actions.notebook",
    "StudiedModel": "freehold.actions.notebook",
    "TensorData": "freehold.formats.tensor_data",
    "Trace": "freehold.transformer.trace",
    "Transformer": "freehold.transformer.transformer",
    "TransformerConfig": "freehold.transformer.config",
    "UnsupportedModel": "freehold.errors",
}

__all__ = [*sorted(_FROM), "__version__", "open"]  # noqa: PLE0604 - they are all texts


def __getattr__(name: str) -> object:
    if name == "open":
        return import_module("freehold.actions.notebook").open_model
    if name in _FROM:
        return getattr(import_module(_FROM[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
