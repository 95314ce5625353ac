"""`/lab/v1/machines…`, `/lab/v1/network` and `/lab/v1/zones…`: what `lab` and tests see and order of real machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from lab.machines import faults
from lab.machines.container import ContainerError
from lab.machines.fleet import Fleet
from lab.network import reach, topology_reader


class ServedFleet(Fleet):
    """The fleet with its paths, which is what the simulator takes for guests."""

    def routes(self) -> Sequence[BaseRoute]:
        return routes(self)


def routes(fleet: Fleet) -> list[BaseRoute]:
    async def listed(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(_listed, fleet))

    async def network(_: Request) -> Response:
        text = await run_in_threadpool(lambda: reach.text(reach.table(topology_reader.read(fleet.lab.store))))
        return PlainTextResponse(text)

    async def fault(request: Request) -> Response:
        spec, name = await request.json(), request.path_params["name"]
        return await _ordered(lambda: faults.order(fleet, name, spec))

    async def outage(request: Request) -> Response:
        name = request.path_params["name"]
        return await _ordered(lambda: faults.zone(fleet, name))

    return [
        Route("/lab/v1/machines", listed),
        Route("/lab/v1/machines/{name}/fault", fault, methods=["POST"]),
        Route("/lab/v1/network", network),
        Route("/lab/v1/zones/{name}/outage", outage, methods=["POST"]),
    ]


async def _ordered(what: Callable[[], Any]) -> Response:
    try:
        return JSONResponse({"done": await run_in_threadpool(what)})
    except (LookupError, ValueError, ContainerError) as error:
        return JSONResponse({"error": str(error)}, 400)


def _listed(fleet: Fleet) -> dict[str, Any]:
    """`client` is the namespace of the outside world; `pid` that of a machine's first process, 0 while there is none."""
    found = {}
    for name, machine in sorted(fleet.running().items()):
        try:
            pid = machine.pid
        except ContainerError:
            pid = 0
        found[name] = {"pid": pid, "memoryBytes": machine.memory_bytes()}
    return {"client": fleet.network.client_namespace, "machines": found}
