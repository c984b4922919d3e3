"""What people look at in Prometheus and Grafana: rules, metrics, dashboards, and the pages and files made of them."""
