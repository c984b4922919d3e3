"""The guard: it compares what was captured with what Jaeger can return, and says when tracing has to go and may come back.

`evidence` is what is measured, `table` decides on it, `plan` is what it wants of the pods. See ADR 013.
"""
