"""This machine: what it has, and what it has free."""
