"""Devices and workers: which ones train, and how they share the work."""
