"""Who represents a place, what a bill says, and what to say to whom. Nothing leaves the machine."""
