"""Real servers as processes of this machine, on loopback ports of their own: for benchmarks, proofs and tests."""
