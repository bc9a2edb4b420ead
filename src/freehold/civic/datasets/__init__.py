"""The public data sets: which there are, where from, how big, and which are on this machine."""
