"""Benchmark: artifacts side by side, each measured alone in a fresh process of its own."""
