"""`/lab/v1/machines…` and `/lab/v1/network`: what `lab` and tests see and order of real machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lab.machines import faults
from lab.machines.container import MachineError
from lab.network import reach, topology_reader

if TYPE_CHECKING:
    from lab.machines.fleet import Machines

_PREFIXES = ("/lab/v1/machines", "/lab/v1/network", "/lab/v1/zones")


def mounted(app: ASGIApp, machines: Machines) -> ASGIApp:
    """The simulator's application with these paths in front."""

    async def listed(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(_listed, machines))

    async def network(_: Request) -> Response:
        text = await run_in_threadpool(
            lambda: reach.text(reach.table(topology_reader.read(machines.lab.store)))
        )
        return PlainTextResponse(text)

    async def fault(request: Request) -> Response:
        spec, name = await request.json(), request.path_params["name"]
        return await _ordered(lambda: faults.order(machines, name, spec))

    async def outage(request: Request) -> Response:
        name = request.path_params["name"]
        return await _ordered(lambda: faults.zone(machines, name))

    own = Starlette(
        routes=[
            Route("/lab/v1/machines", listed),
            Route("/lab/v1/machines/{name}/fault", fault, methods=["POST"]),
            Route("/lab/v1/network", network),
            Route("/lab/v1/zones/{name}/outage", outage, methods=["POST"]),
        ]
    )

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        mine = scope["type"] == "http" and scope["path"].startswith(_PREFIXES)
        await (own if mine else app)(scope, receive, send)

    return either


async def _ordered(what: Callable[[], Any]) -> Response:
    try:
        return JSONResponse({"done": await run_in_threadpool(what)})
    except (LookupError, ValueError, MachineError) as error:
        return JSONResponse({"error": str(error)}, 400)


def _listed(machines: Machines) -> dict[str, Any]:
    """`client` is the namespace of the outside world; `pid` that of a machine's first process, 0 while there is none."""
    found = {}
    for name, machine in sorted(machines.running().items()):
        try:
            pid = machine.pid
        except MachineError:
            pid = 0
        found[name] = {"pid": pid, "memoryBytes": machine.memory_bytes()}
    return {"client": machines.network.client_namespace, "machines": found}
