"""Built-in data sets: the file name is the data set's name, `load(recipe)` gives it."""
