"""From version 0.1.0 to this checkout and back, with pipelines that run: what restarts, and what is lost."""
