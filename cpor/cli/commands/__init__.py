"""The commands of `starter.py`, by who needs them; what they share stands in `parts`."""
