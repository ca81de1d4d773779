"""The exact metrics, over a whole set."""
