"""The commands, a module each: what is asked of the cluster, and what is printed of its answer."""
