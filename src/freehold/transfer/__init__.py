"""Bytes over the network: the one HTTP client, and the one engine that fetches files with it."""
