"""Training: from a recipe and its data to a run directory."""
