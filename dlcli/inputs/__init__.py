"""Raw inputs as arrays, in training and in prediction alike; never with TensorFlow."""
