"""Grafana's side: dashboards, alert rules and data sources as code; the files of `deploy/grafana` are built from it.

Everything reads the store by InfluxQL alone, so one set of dashboards serves InfluxDB 1.x, 2.x and 3.x. Building needs
grafana-foundation-sdk, putting it into a running Grafana grafana-client: the extra `grafana`.
"""
