"""The terminal: one file per command; main.py is a table of them."""
