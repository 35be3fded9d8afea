"""Keras layers of our own, each serialisable; loading a `.keras` file imports them all."""
