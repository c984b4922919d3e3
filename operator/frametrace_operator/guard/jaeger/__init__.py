"""The seam to Jaegers, of which there is one a pipeline or one for many: journeys by trace ID, and whether it answers."""
