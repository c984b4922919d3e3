"""Deciding: from a status, the evidence, progress and the spec to the next status. Pure, but for what `worth` remembers.

`judge` says what windows mean, `table` which transition follows, `moves` what it makes of the status, `keeping` what else a
status tells, and `wanted` what pods and storage are rendered with in each state.
"""
