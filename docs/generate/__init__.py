"""Pages of the documentation that are made from the code: `uv run python -m docs.generate`."""
