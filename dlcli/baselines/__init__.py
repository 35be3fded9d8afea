"""Baselines: the simple model that every task is measured against."""
