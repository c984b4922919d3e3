"""`make prove`: the long tables of the documentation, run in the background, resumable, kept with commit and machine."""
