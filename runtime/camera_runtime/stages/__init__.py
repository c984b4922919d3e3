"""Stages: what is done with frames after capture."""
