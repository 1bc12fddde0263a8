"""What people look at: the console (web/) and Grafana's dashboards (grafana/)."""
