"""Parts of the benchmark of rollbacks."""
