"""Many claims at once, from a file and into one; `docs/bulk.md` says how the files look."""
