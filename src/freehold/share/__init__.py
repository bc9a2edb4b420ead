"""What others may have of what you own, and what vouches for it. It serves nothing itself."""
