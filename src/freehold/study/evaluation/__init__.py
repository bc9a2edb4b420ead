"""Tasks with right answers: read in lm-eval's YAML form, and scored with the model itself."""
