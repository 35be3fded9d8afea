"""How many threads TensorFlow computes on."""

from __future__ import annotations

from dlcli.errors import DlcliError


def limit_tensorflow(num_threads: int | None) -> None:
    """Let an operator of TensorFlow work on so many threads; None leaves its own choice.

    Raises:
        DlcliError: it computes already, and then its threads are there.
    """
    if num_threads is None:
        return
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(num_threads)
        tf.config.threading.set_inter_op_parallelism_threads(num_threads)
    except RuntimeError:
        raise DlcliError(
            "TensorFlow has started in this process already; its threads cannot be changed."
        ) from None
