"""The seam to the Lease by which replicas elect their leader: `base` says what is needed, `memory` and `real` give it."""
