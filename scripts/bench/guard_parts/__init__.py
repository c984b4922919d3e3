"""The parts of `guard_accuracy.py`: pipelines, their watch, and what really was lost."""
