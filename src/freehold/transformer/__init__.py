"""A readable NumPy decoder: it runs a GGUF's own quantized weights and shows all that happens."""
