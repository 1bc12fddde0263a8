"""`ninebelow edge check`: what is wrong with a config and its point tables."""

from __future__ import annotations

import json
from pathlib import Path

from ninebelow import words
from ninebelow.edge.options import AsJson, Config


def check(config: Config = Path("edge.toml"), as_json: AsJson = False) -> None:
    """检查配置与点表，列出全部错误 / check config and point tables, list every fault."""
    from edge_agent import config as edge_config

    settings, points = edge_config.load(config)
    counts = {source.name: len(points[source.name]) for source in settings.sources}
    if as_json:
        print(json.dumps({"ok": True, "points": counts}, ensure_ascii=False))
    else:
        print(words.CHECK_OK.format(what=", ".join(f"{name} {count}" for name, count in counts.items())))
