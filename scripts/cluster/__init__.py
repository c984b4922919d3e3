"""The local Kubernetes cluster: one real node built from pinned sources, for the demo and the end-to-end tests.

Run as ``python -m scripts.cluster`` from the repository root. Knows nothing of Frametrace's own images, chart or pipelines.
"""
