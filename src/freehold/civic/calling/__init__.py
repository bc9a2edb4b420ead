"""What to say to whom, and when: scripts, letters, hours, drafts of a bill."""
