"""PyPI pysparkplug as an edge node with one device, in its own environment; a line of JSON in is what to do.

`{"set": {"Pump 1/Flow": 1.5}}` data of the device · `{"leave": true}` DDEATH · `{"stop": true}` end.
"""

from __future__ import annotations

import json
import sys
import time

import pysparkplug as foreign  # type: ignore[import-not-found]  # lives in an environment of its own

TYPES = {"Pump 1/Flow": foreign.DataType.DOUBLE, "Personnel/Headcount": foreign.DataType.INT16,
         "Control/Mode": foreign.DataType.STRING, "Door/Closed": foreign.DataType.BOOLEAN}  # fmt: skip
FIRST: dict[str, float | str | bool] = {
    "Pump 1/Flow": 1.0,
    "Personnel/Headcount": -1,
    "Control/Mode": "auto",
    "Door/Closed": True,
}


def metric(name: str, value: float | str | bool) -> object:
    """A metric of now."""
    return foreign.Metric(timestamp=time.time_ns() // 1_000_000, name=name, datatype=TYPES[name], value=value)


def main(port: int, group: str, node: str) -> None:
    """Do what is asked until told to stop."""
    edge = foreign.EdgeNode(group, node, [])
    edge.register(foreign.Device("F1", [metric(*item) for item in FIRST.items()]))
    edge.connect("127.0.0.1", port=port)
    for line in sys.stdin:
        asked = json.loads(line)
        if "set" in asked:
            time.sleep(0.002)  # it stamps whole milliseconds, and two values of one instant would be one
            edge.update_device("F1", [metric(*item) for item in asked["set"].items()])
        if "leave" in asked:
            edge.deregister("F1")
        if "stop" in asked:
            edge.disconnect()
            return


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
