"""Freehold: the right to local intelligence, as software."""

__version__ = "0.1.0"
