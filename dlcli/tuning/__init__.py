"""Measurements before a training: the fastest settings and the range of learning rates."""
