"""Networks in NumPy that learn where to look: what the scripts beside this folder share."""
