"""What a claim does to the world: one file for each effect, from what is owed to what follows."""
