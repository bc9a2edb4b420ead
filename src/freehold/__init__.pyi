from freehold.actions.notebook import Candidate, Run, StudiedModel
from freehold.actions.notebook import open_model as open  # noqa: A004 - it is `freehold.open`
from freehold.errors import (
    ContextExceeded,
    FormatError,
    FreeholdError,
    NotOwned,
    UnsupportedModel,
)
from freehold.formats.tensor_data import TensorData
from freehold.transformer.config import TransformerConfig
from freehold.transformer.trace import Trace
from freehold.transformer.transformer import Transformer

__all__ = [
    "Candidate",
    "ContextExceeded",
    "FormatError",
    "FreeholdError",
    "NotOwned",
    "Run",
    "StudiedModel",
    "TensorData",
    "Trace",
    "Transformer",
    "TransformerConfig",
    "UnsupportedModel",
    "__version__",
    "open",
]

__version__: str
