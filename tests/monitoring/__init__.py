"""What `docs/monitoring` has ready for Prometheus and Grafana, judged by Prometheus' own tool."""
