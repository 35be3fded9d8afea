"""Raw inputs as arrays, in training and in prediction alike; never with TensorFlow.

Everywhere here and in `dlcli.data`, `shown` is what messages call a file or a table.
"""
