"""Looks into proof files, and writes the sheet about them: what is in them, and what is missing."""
