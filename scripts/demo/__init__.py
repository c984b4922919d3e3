"""The demo: Frametrace on a real Kubernetes, from nothing to a frame's journey."""
