"""Who grades: this process, several of this machine, or the workers of a cluster."""
