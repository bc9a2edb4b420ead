"""Where districts lie: states, boundaries, ZIP areas."""
