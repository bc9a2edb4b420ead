"""What is dangerous or odd in a model's files."""
