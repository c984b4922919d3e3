"""The seam to the webhooks that pipelines' owners name: `base` says what is asked of them, `memory` and `real` ask it."""
