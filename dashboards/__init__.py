"""What people look at: the console (web/) and dashboards as code (grafana/)."""
