"""What others may have of what you own, as facts and documents. It serves nothing itself."""
