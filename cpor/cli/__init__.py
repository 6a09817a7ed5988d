"""The commands of `starter.py`, by role, and what they print."""
