"""The commands of `freehold modify`."""
