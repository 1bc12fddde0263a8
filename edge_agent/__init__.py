"""The agent at a mine: reads Modbus and OPC UA, keeps what it read, publishes Sparkplug B."""
