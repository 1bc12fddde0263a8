"""PyPI pysparkplug behind two pipes, in its own environment: a line of JSON in, a line of JSON out.

`{"kind": "DDATA", "hex": "…"}` gives `[[name, value, is_null, timestamp], …]`; data is read with the DBIRTH before it.
An exception of its own is `{"raised": its name}`.
"""

from __future__ import annotations

import json
import sys

import pysparkplug as foreign  # type: ignore[import-not-found]  # lives in an environment of its own

KINDS = {"NBIRTH": foreign.NBirth, "DBIRTH": foreign.DBirth, "NDATA": foreign.NData, "DDATA": foreign.DData}


def main() -> None:
    """Answer until the input ends."""
    birth = None
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            payload = KINDS[asked["kind"]].decode(bytes.fromhex(asked["hex"]), birth=birth)
        except Exception as error:  # noqa: BLE001  (whatever it is, the test names it)
            answer: object = {"raised": type(error).__name__}
        else:
            birth = payload if asked["kind"].endswith("BIRTH") else birth
            answer = [[one.name, one.value, one.is_null, one.timestamp] for one in payload.metrics]
        print(json.dumps(answer), flush=True)  # noqa: T201  (the test reads it)


if __name__ == "__main__":
    main()
