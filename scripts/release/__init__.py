"""`make release`: all that a version of Frametrace is given out as, from this checkout, in dist/."""
