"""Run directories: their files, their summaries and their verdicts."""
