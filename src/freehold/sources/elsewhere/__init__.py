"""Models that other programs on this machine already keep. Read only, one file a program."""
