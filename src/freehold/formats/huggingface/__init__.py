"""Checkpoints as Hugging Face's libraries keep them: a folder of safetensors, JSON and a tokenizer."""
