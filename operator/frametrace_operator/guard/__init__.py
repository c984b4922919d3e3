"""The guard: it compares what was captured with what Jaeger can return, and says when tracing has to go and may come back.

`evidence` is what is measured and `plan` what is wanted of the pods; `words` puts both into sentences. Around these values:

- `audit`: ledgers and journeys to a finding; `jaeger`: the seam to Jaegers. `measuring` puts them to work, beside the passes.
- `deciding`: the table of states.
- `acting` and `reporting`: what follows for pods and storage, and what people are told.
- `observing`: what a look at the cluster tells all of them.

Each knows only those above it. See ADR 013.
"""
