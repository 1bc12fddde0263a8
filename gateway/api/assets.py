"""The console's files, packed in memory when the centre starts, under addresses that change whenever a file does.

So a browser keeps for good what it has fetched, asks for nothing twice, and never mixes old files with new ones after
an upgrade. A page names all modules that it will need: the browser need not read one to learn of the next.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

KEEP: Final = "public, max-age=31536000, immutable"
ASK: Final = "no-cache"
"""A browser asks each time whether it is still the same."""
MEDIA_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html",
}
"""Not as the machine's own table of types has them: browsers run no module of another type."""
IMPORT: Final = re.compile(r"""^(?:import|export)\b[^;"]*"(\.{1,2}/[^"]+)";""", re.MULTILINE)
VERSION: Final = re.compile(r"v-[0-9a-f]+/")


class Asset(NamedTuple):
    """A file: as it is, and packed where that is shorter."""

    plain: bytes
    packed: bytes | None
    media_type: str
    tag: str

    def answer(self, request: Request, cache: str) -> Response:
        """As the browser takes it, or 304 where it has the same."""
        headers = {"Cache-Control": cache, "ETag": self.tag, "Vary": "Accept-Encoding"}
        if self.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if self.packed is None or "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.plain, headers=headers, media_type=self.media_type)
        return Response(
            self.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=self.media_type
        )


class Assets:
    """All files of a folder, by their paths in it."""

    def __init__(self, folder: Path) -> None:
        """Reads them; a file that is changed afterwards is served from the next start on."""
        contents = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        digest = hashlib.sha256()
        for path, content in contents.items():
            digest.update(f"{path} {len(content)}\n".encode() + content)
        self.root = f"/assets/v-{digest.hexdigest()[:12]}/"
        """Where they are, as long as none of them changes."""
        self.files = {path: packed(path, content) for path, content in contents.items()}

    def page(self, folder: str) -> Asset:
        """A folder's page, its files at their addresses of this version, its modules named at the head."""
        path = f"{folder}/index.html"
        text = self.files[path].plain.decode()
        named = re.findall(r'<script type="module" src="/assets/([^"]+)"', text)
        ahead = "".join(
            f'  <link rel="modulepreload" href="/assets/{module}">\n' for module in modules(self.files, named)
        )
        text = text.replace("</head>", f"{ahead}</head>").replace('"/assets/', f'"{self.root}')
        return packed(path, text.encode())

    def answer(self, request: Request, path: str) -> Response:
        """The file at a path below `/assets/`; a page that is open since an older version gets it as it is now."""
        asset = self.files.get(VERSION.sub("", path, count=1) if VERSION.match(path) else path)
        if asset is None:
            return Response("没有这个文件 / no such file\n", 404, media_type="text/plain")
        return asset.answer(request, KEEP if f"/assets/{path}".startswith(self.root) else ASK)


def packed(path: str, content: bytes) -> Asset:
    """A file to be served."""
    suffix = PurePosixPath(path).suffix
    media_type = MEDIA_TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    short = gzip.compress(content, mtime=0)
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    return Asset(content, short if len(short) < len(content) else None, media_type, tag)


def modules(files: Mapping[str, Asset], begin: list[str]) -> Iterator[str]:
    """The modules that these import, and those that they import in turn, each once, the nearest first."""
    known, waiting = set(begin), list(begin)
    for module in waiting:
        for name in IMPORT.findall(files[module].plain.decode() if module in files else ""):
            other = posixpath.normpath(posixpath.join(posixpath.dirname(module), name))
            if other not in known:
                known.add(other)
                waiting.append(other)
                yield other
