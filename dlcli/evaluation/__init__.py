"""Evaluation: how good a predictor is, and plots of it."""
