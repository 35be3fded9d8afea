"""What a run shows in TensorBoard: one file a kind of view.

`board` says what is shown when, `event_files` writes it. A split is a folder, a view is a tag,
so that one chart shows what the splits have in common; see docs/tensorboard.md for the tags.
Nothing here changes what training computes: what is shown is computed aside, from weights that
are read, and the loop keeps the random state.
"""
