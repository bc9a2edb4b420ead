"""Two models side by side: what their files say, their weights, their behaviour."""
