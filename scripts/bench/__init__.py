"""Benchmarks: one command a figure; `python -m scripts.bench` runs them all and writes docs/reference/benchmarks.md."""
