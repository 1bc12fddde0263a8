"""The console's files as they are served: kept for good under addresses of their version, pages that name modules."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.api.assets import ASK, KEEP, Assets

PAGE = """<!doctype html>
<head>
  <link rel="stylesheet" href="/assets/desk/page.css">
  <script type="module" src="/assets/desk/desk.js"></script>
</head>
"""
FILES = {
    "desk/index.html": PAGE,
    "desk/page.css": "p { color: red }\n" * 100,
    "desk/desk.js": 'import { a } from "./a.js";\nimport {\n  b,\n} from "../common/b.js";\nimport("./later.js");\n',
    "desk/a.js": 'export * from "../common/b.js";\n// import { c } from "./no.js";\n',
    "desk/later.js": "",
    "common/b.js": 'import "../desk/a.js"; // "round"\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A console of one page."""
    for path, text in FILES.items():
        (tmp_path / "assets" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "assets" / path).write_text(text)
    (tmp_path / "secret").write_text("secret")
    return tmp_path / "assets"


def client(assets: Assets) -> httpx.AsyncClient:
    """A browser before these files; like httpx it takes gzip."""

    async def asset(request: Request) -> Response:
        return assets.answer(request, request.path_params["path"])

    async def page(request: Request) -> Response:
        return assets.page("desk").answer(request, ASK)

    app = Starlette(routes=[Route("/assets/{path:path}", asset), Route("/desk", page)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://centre")


def test_a_page_names_each_module_once_at_the_address_of_this_version(folder: Path) -> None:
    """In the order in which they are asked for; what is fetched later, and what stands in a comment, not."""
    assets = Assets(folder)
    html = assets.page("desk").plain.decode()
    assert re.findall(r'modulepreload" href="([^"]+)"', html) == [
        f"{assets.root}desk/a.js",
        f"{assets.root}common/b.js",
    ]
    assert f'<script type="module" src="{assets.root}desk/desk.js"></script>' in html
    assert '"/assets/d' not in html


@pytest.mark.parametrize("path", sorted(FILES))
def test_every_address_is_new_when_any_file_is_another(folder: Path, path: str) -> None:
    before = Assets(folder).root
    assert Assets(folder).root == before
    (folder / path).write_text(FILES[path] + " ")
    assert Assets(folder).root != before
    (folder / path).write_text(FILES[path])
    assert Assets(folder).root == before
    (folder / path).rename(folder / "desk" / "other.js")
    assert Assets(folder).root != before


async def test_files_are_kept_for_good_and_pages_are_asked_about(folder: Path) -> None:
    assets = Assets(folder)
    async with client(assets) as http:
        for path, cache in ((f"{assets.root}desk/page.css", KEEP), ("/desk", ASK)):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, cache)
            again = await http.get(path, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == answer.headers["etag"]


async def test_packed_for_who_takes_it_and_where_it_is_shorter(folder: Path) -> None:
    assets = Assets(folder)
    async with client(assets) as http:
        style = f"{assets.root}desk/page.css"
        packed, plain = await http.get(style), await http.get(style, headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content))
        assert "content-encoding" not in plain.headers
        assert packed.text == plain.text == FILES["desk/page.css"]
        assert {answer.headers["vary"] for answer in (packed, plain)} == {"Accept-Encoding"}
        short = await http.get(f"{assets.root}desk/later.js")
        assert "content-encoding" not in short.headers
        assert short.headers["content-type"].startswith("text/javascript")


async def test_a_page_of_an_older_version_gets_files_and_does_not_keep_them(folder: Path) -> None:
    """It is still open when the centre was upgraded; without any version it is the same."""
    async with client(Assets(folder)) as http:
        for path in ("/assets/v-0123456789ab/desk/later.js", "/assets/desk/later.js"):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, ASK)


@pytest.mark.parametrize(
    "path",
    ["", "desk", "desk/", "%2e%2e/secret", "desk/%2e%2e/%2e%2e/secret", "v-00/%2e%2e/secret", "nothing.js"],
)
async def test_nothing_else_is_served(folder: Path, path: str) -> None:
    async with client(Assets(folder)) as http:
        assert (await http.get(f"/assets/{path}")).status_code == 404
