"""The Grafana dashboards as code: `python -m scripts.dashboards` writes dashboards/*.json."""
