"""`/lab/v1/guests…`: what a test sees and orders of the modelled machines.

GET  /lab/v1/guests                    all clusters
GET  /lab/v1/guests/pace               how long things take on machines, in seconds
PUT  /lab/v1/guests/pace               {"drain": 20}: this takes so long from now on, all else what the profile says
POST /lab/v1/guests/{instance}/fault   a fault of one machine, as `faults` describes them
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from lab.guest_model.model import GuestModel

_PREFIX = "/lab/v1/guests"


def mounted(app: ASGIApp, model: GuestModel) -> ASGIApp:
    """The simulator's application with the model's paths in front."""

    async def guests(_: Request) -> Response:
        return JSONResponse({"model": True, "clusters": model.picture.clusters})

    async def fault(request: Request) -> Response:
        spec = await request.json()
        if not isinstance(spec, dict):
            return JSONResponse({"error": "a fault is a JSON object"}, 400)
        wrong = await run_in_threadpool(model.fault, request.path_params["instance"], spec)
        return JSONResponse({"error": wrong}, 400) if wrong else JSONResponse({"status": "ordered"})

    async def pace(request: Request) -> Response:
        if request.method == "PUT":
            seconds = await request.json()
            if not isinstance(seconds, dict):
                return JSONResponse({"error": "a pace is a JSON object"}, 400)
            try:
                model.order_pace(seconds)
            except ValueError as error:
                return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(asdict(model.pace))

    own = Starlette(
        routes=[
            Route(_PREFIX, guests),
            Route(_PREFIX + "/pace", pace, methods=["GET", "PUT"]),
            Route(_PREFIX + "/{instance}/fault", fault, methods=["POST"]),
        ]
    )

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        mine = scope["type"] == "http" and scope["path"].startswith(_PREFIX)
        await (own if mine else app)(scope, receive, send)

    return either
