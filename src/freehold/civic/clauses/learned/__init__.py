"""A second look at clauses that no rule knows, by word weights learned from labelled clauses."""
