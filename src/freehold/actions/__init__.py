"""Use cases that join the rooms: get, run, keep, remove."""
