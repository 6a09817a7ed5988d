"""The rules of a claim as plain Python: no engine, no I/O, no clock of its own."""
