"""Export: a run's model as files that other programs load, each proven before it counts."""
