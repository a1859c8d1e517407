"""The judge: whether a backend is right, how far off it is, and what it really computes."""
