"""The same life, written the plainest way on other ground."""
