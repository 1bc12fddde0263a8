"""What several routes need: our errors as HTTP answers, bodies within limits, files to be saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote

from fastapi import HTTPException, Query, Request, Response
from pydantic import BaseModel, ValidationError

from contract.errors import Misconfigured, Rejected, Transient

JSON: Final = "application/json"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
"""A day that is asked about; days beyond cannot be reckoned with on either side."""
Model = TypeVar("Model", bound=BaseModel)


@contextmanager
def answered() -> Iterator[None]:
    """422 with every fault, 409 or 503."""
    try:
        yield
    except Misconfigured as error:
        faults = [{"file": fault.file, "line": fault.line, "what": fault.what} for fault in error.faults]
        raise HTTPException(422, faults) from error
    except Rejected as error:
        raise HTTPException(409, str(error)) from error
    except Transient as error:
        raise HTTPException(503, str(error)) from error


async def content_of(request: Request, types: frozenset[str], bytes_max: int) -> bytes:
    """The body of a request, of one of these types and no longer than that.

    The type is asked for because a foreign page cannot send it without asking first.
    """
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found not in types:
        raise HTTPException(415, f"Content-Type must be one of {', '.join(sorted(types))}")
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > bytes_max:
            raise HTTPException(413, f"more than {bytes_max} bytes")
    return bytes(content)


async def model_of(request: Request, model: type[Model], bytes_max: int) -> Model:
    """A JSON body as a model; what is wrong with it is told without what was sent, which may be a password."""
    content = await content_of(request, frozenset({JSON}), bytes_max)
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        faults = [
            {"file": "body", "line": None, "what": f"{'.'.join(map(str, each['loc']))}: {each['msg']}"}
            for each in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise HTTPException(422, faults) from error


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """A file to be saved under a name."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


def body_of(*types: str, model: type[BaseModel] | None = None) -> dict[str, Any]:
    """What OpenAPI says of a body that is read by hand."""
    schema = {"type": "string", "format": "binary"} if model is None else model.model_json_schema()
    return {"requestBody": {"required": True, "content": {each: {"schema": schema} for each in types}}}
