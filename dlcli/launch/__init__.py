"""Jobs of several workers, from one recipe: on this machine, by Slurm, on Kubernetes."""
