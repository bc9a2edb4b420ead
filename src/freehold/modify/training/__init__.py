"""Training a small addition to a quantized model (LoRA), on a processor, in NumPy."""
