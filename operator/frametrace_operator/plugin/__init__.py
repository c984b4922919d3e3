"""The kubectl plugin `kubectl-frametrace`: what people see of pipelines, and how they steer them, through the API server."""
