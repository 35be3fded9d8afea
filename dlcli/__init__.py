"""dlcli: train, evaluate, predict with and export Keras models from the shell."""

__version__ = "0.2.0.dev2"
