"""What the clauses of a bill do to whoever owns and runs a model."""
