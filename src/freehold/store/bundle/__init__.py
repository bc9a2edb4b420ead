"""Models in one file: written for others to open, read without trust, owned once proven."""
