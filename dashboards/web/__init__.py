"""The console: where its page and assets lie, and the content policy they keep to.

Plain files, ready as they are: no build, nothing loaded from elsewhere. The top floor hands them to whoever
serves them; `INDEX` belongs at `/`, `ASSETS` under `/assets/`.
"""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
INDEX = ASSETS / "index.html"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""All the page needs: its own scripts, styles, pictures and API; no inline code, no frames."""
