"""Open models that people want, in published figures: one data file, and what is read from it."""
