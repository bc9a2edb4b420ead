"""Serving models to other people's tools: read-only, what was chosen and nothing else."""
