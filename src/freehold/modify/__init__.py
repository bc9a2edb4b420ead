"""Changing a model: adapters, merging, steering, metadata. Every result is a new file."""
