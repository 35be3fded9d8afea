"""The recipe: its schema, its keys in words, its problems, and YAML with positions."""
