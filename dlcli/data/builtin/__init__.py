"""Built-in data sets: the file name is the name; each has its `KIND` and `load(recipe)`."""
