"""A reader for each kind of file. Each is told the bytes and notes what it finds."""
