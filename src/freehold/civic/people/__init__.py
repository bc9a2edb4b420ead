"""The people who hold office."""
