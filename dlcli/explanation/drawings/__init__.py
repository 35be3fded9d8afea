"""Pictures of explanations: one file a look.

Blue speaks for the answer and orange against it, in any intensity: both stay apart for the
colour-blind, and numbers stand where a print without colour would lose them.
"""
