"""Generation: something new from a trained model. One file a kind of what is made."""
