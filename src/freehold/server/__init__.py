"""Serving models to other programs: one file per protocol, one request inside."""
