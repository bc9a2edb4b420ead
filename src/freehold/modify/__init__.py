"""Changing a model into a new one: the original is never edited, and what changed is measured."""
