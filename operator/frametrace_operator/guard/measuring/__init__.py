"""Measuring: window after window, what each pipeline's tracing costs, loses and leaves in Jaeger. It knows no cluster.

`watch` does it for all pipelines, `measure` for one: `closing` waits for a window's end, `looks` has its frames looked up.
"""
