"""The parts of `freehold act`, one file each."""
