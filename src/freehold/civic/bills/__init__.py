"""Bills: their text with its sections and clauses, and where each stands in the source."""
