"""What a claim costs, beside the least workflow that does as much: uv run bench/claims.py"""
