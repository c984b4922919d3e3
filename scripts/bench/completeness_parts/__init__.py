"""The parts of `completeness.py`: pipelines over each transport, and the audit of what a Jaeger returns."""
