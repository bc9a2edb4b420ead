"""Model files: their headers, read without loading a tensor."""
