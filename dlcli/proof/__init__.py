"""Proofs that a training can be resumed and repeated with the same result."""
