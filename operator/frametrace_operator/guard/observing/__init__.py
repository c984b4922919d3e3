"""Observing: what one look at the cluster tells the guard: what to measure, how far pods are, Jaeger's excuses, a lost status. Pure."""
