"""Puts the parts together into the processes of a pipeline. The only place that knows the real ones."""
