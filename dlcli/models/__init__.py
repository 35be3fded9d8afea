"""Model families: one file each, and the file name is the family's name."""
