"""Capture: from a camera's stream to frames in the first queue."""
