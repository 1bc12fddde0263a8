"""A virtual mine that speaks real Modbus TCP and OPC UA, with people, shifts and faults."""
