"""How much the centre takes in: real gateways' messages through a real broker into a real InfluxDB."""
