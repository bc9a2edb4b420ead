"""What you own: blobs named by their hash, and the ledger that says what they are."""
