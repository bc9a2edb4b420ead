"""What leaves this machine for others, and what vouches for it."""
