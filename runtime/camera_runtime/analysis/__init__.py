"""The analysis of many journeys at once: how complete, how fast, which were slowest, which numbers are missing.

`scripts/trace_analyzer.py` is its command. `spool` and `pages` give journeys one by one, `selection` passes on those that
count, `analysis` adds them up, and what came of it is shown as tables, as JSON or as a page.
"""
