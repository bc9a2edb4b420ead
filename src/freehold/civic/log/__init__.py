"""What came of calls and letters, and taking it along."""
