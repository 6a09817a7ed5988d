"""What clients rely on: names, search attributes, JSON Schemas, events."""
