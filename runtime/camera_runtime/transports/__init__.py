"""How frames get from hop to hop: the seam and its implementations."""
