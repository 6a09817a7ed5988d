"""A year of claims in minutes: the rules alone, people and a world made up, on a virtual clock."""
