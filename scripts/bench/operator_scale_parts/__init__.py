"""Parts of the operator's scale benchmark: a control plane of its own, pods that only seem to run, and what is measured."""
