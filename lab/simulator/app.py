"""The ASGI application: the control plane, batches, and everything else as a call of an API."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lab.simulator import batch, issuer, routes
from lab.simulator import services as services_package
from lab.simulator.api import Api
from lab.simulator.context import Lab
from lab.simulator.exchange import Answer, Request

_WAIT_SECONDS = 110.0  # `wait` is best effort, at most two minutes


def load_services() -> None:
    """Import every module under `services`: that registers its handlers."""
    for module in pkgutil.walk_packages(services_package.__path__, services_package.__name__ + "."):
        importlib.import_module(module.name)


class _Droppable:
    """Keeps the connection in the scope, so that a fault can cut it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cycle: Any = getattr(send, "__self__", None)
        scope["lab.transport"] = getattr(cycle, "transport", None)
        with suppress(asyncio.CancelledError):
            await self._app(scope, receive, send)


def build(lab: Lab, guests: Sequence[BaseRoute]) -> ASGIApp:
    """`guests`: the paths of the guests' own, which come first."""
    load_services()
    api = Api(lab)

    async def call(http: HttpRequest) -> Response:
        raw_path: bytes = http.scope.get("raw_path") or http.url.path.encode()
        request = Request(
            method=http.method,
            path=raw_path.decode("ascii").split("?")[0],
            query=http.url.query,
            headers={k.lower(): v for k, v in http.headers.items()},
            body=await http.body(),
            url=f"{http.url.scheme}://{http.url.netloc}",
        )
        if request.path.startswith("/batch"):
            answer = await run_in_threadpool(batch.handle, request, api.handle)
        else:
            answer = await run_in_threadpool(api.handle, request)
        until = time.monotonic() + _WAIT_SECONDS
        while answer.pending_wait and time.monotonic() < until:
            await asyncio.sleep(0.1)
            answer = await run_in_threadpool(api.handle, request)
        return _respond(http, answer)

    anything = Route("/{path:path}", call, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
    return _Droppable(Starlette(routes=[*guests, *routes.routes(lab), *issuer.routes(lab), anything]))


def _respond(http: HttpRequest, answer: Answer) -> Response:
    transport = http.scope.get("lab.transport")
    if answer.drop and transport is not None:
        transport.abort()
    return Response(answer.body, answer.status, headers=answer.headers)
