"""One small file from which everything is looked up, built from the public data."""
