"""`/lab/v1/guests…`: what a test sees and orders of the modelled machines.

GET  /lab/v1/guests                    all clusters
GET  /lab/v1/guests/pace               how long things take on machines, in seconds
PUT  /lab/v1/guests/pace               {"drain": 20}: this takes so long from now on, all else what the profile says
POST /lab/v1/guests/{instance}/fault   a fault of one machine, as `faults` describes them
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from lab.guest_model import faults
from lab.guest_model.model import GuestModel

_PREFIX = "/lab/v1/guests"


class ServedModel(GuestModel):
    """The model with its paths, which is what the simulator takes for guests."""

    def routes(self) -> Sequence[BaseRoute]:
        return routes(self)


def routes(model: GuestModel) -> list[BaseRoute]:
    async def guests(_: Request) -> Response:
        return JSONResponse({"model": True, "clusters": model.snapshot.clusters})

    async def fault(request: Request) -> Response:
        spec = await request.json()
        if not isinstance(spec, dict):
            return JSONResponse({"error": "a fault is a JSON object"}, 400)
        wrong = await run_in_threadpool(faults.order, model, request.path_params["instance"], spec)
        return JSONResponse({"error": wrong}, 400) if wrong else JSONResponse({"status": "ordered"})

    async def pace(request: Request) -> Response:
        if request.method == "PUT":
            seconds = await request.json()
            if not isinstance(seconds, dict):
                return JSONResponse({"error": "a pace is a JSON object"}, 400)
            try:
                model.order_durations(seconds)
            except ValueError as error:
                return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(asdict(model.durations))

    return [
        Route(_PREFIX, guests),
        Route(_PREFIX + "/pace", pace, methods=["GET", "PUT"]),
        Route(_PREFIX + "/{instance}/fault", fault, methods=["POST"]),
    ]
