"""Looking journeys up: in a Jaeger, or in the span files that `frametrace run` writes."""
