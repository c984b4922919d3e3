"""The command `frametrace`: pipelines without a cluster, and frames' journeys. Needs the extra `cli`."""
