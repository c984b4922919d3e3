"""The seam to the Kubernetes API: `base` says what the operator needs of it, `memory` and `real` give it."""
