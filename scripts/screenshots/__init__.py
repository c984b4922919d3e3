"""Pictures of the journey page for the documentation."""
