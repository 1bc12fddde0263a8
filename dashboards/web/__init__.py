"""The console: where its page and assets lie.

Plain files, ready as they are: no build, nothing loaded from elsewhere. The top floor hands them to whoever
serves them; `ASSETS` belongs under `/assets/`, and each page's `index.html` at the page's own address.
"""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
