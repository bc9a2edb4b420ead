"""Checkpoints as Hugging Face's libraries keep them: safetensors, JSON, a tokenizer."""
