"""`/lab/v1/…`: what a test asks of the simulator itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.enabled_services import EnabledServices
from lab.simulator.org_policies import OrgPolicies
from lab.simulator.quotas import Quotas


async def _settled(
    request: Request, change: Callable[[Any], None], now: Callable[[], Mapping[str, Any]]
) -> Response:
    """What holds now, after the change that a POST asks for. A change that makes no sense is a 400."""
    if request.method == "POST":
        try:
            await run_in_threadpool(change, json.loads(await request.body()))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
    return JSONResponse(now())


def routes(lab: Lab) -> list[Route]:
    async def health(_: Request) -> Response:
        return JSONResponse(
            {"status": "ok", "project": lab.project, "region": lab.region, "pid": os.getpid()}
            | {"profile": lab.latency.profile}
        )

    async def journal(request: Request) -> Response:
        query = request.query_params
        after, limit = int(query.get("after", 0)), int(query.get("limit", 10_000))
        entries = await run_in_threadpool(lab.journal.read, after, limit, query.get("kind"))
        return JSONResponse({"entries": entries, "last": entries[-1]["seq"] if entries else after})

    async def facts(_: Request) -> Response:
        def read() -> dict[str, Any]:
            operations.advance(lab)
            return lab.journal.facts()

        return JSONResponse(await run_in_threadpool(read))

    async def record(request: Request) -> Response:
        body = await request.json()
        seq = await run_in_threadpool(lab.journal.record, str(body["kind"]), dict(body.get("data", {})))
        return JSONResponse({"seq": seq})

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            try:
                fault = lab.faults.order(await request.json())
            except (ValueError, TypeError) as error:
                return JSONResponse({"error": str(error)}, 400)
            return JSONResponse(fault.to_json())
        if request.method == "DELETE":
            lab.faults.delete(request.path_params.get("id"))
        return JSONResponse({"faults": [f.to_json() for f in lab.faults.ordered()]})

    async def profile(request: Request) -> Response:
        if request.method == "POST":
            body = await request.json()
            try:
                lab.latency.set(body["profile"], float(body.get("scale", 1.0)))
            except ValueError as error:
                return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"profile": lab.latency.profile, "scale": lab.latency.scale})

    async def quotas(request: Request) -> Response:
        limits = Quotas(lab.store)
        return await _settled(request, limits.set, limits.limits)

    async def org_policies(request: Request) -> Response:
        policies = OrgPolicies(lab.store)
        return await _settled(request, policies.set, policies.rules)

    async def services(request: Request) -> Response:
        enabled = EnabledServices(lab.store)
        return await _settled(request, enabled.set, enabled.states)

    async def reset(_: Request) -> Response:
        def clear() -> None:
            lab.faults.delete()
            lab.store.clear()

        await run_in_threadpool(clear)
        lab.events.publish("lab.reset")
        return JSONResponse({"status": "reset"})

    return [
        Route("/lab/v1/health", health),
        Route("/lab/v1/journal", journal),
        Route("/lab/v1/journal", record, methods=["POST"]),
        Route("/lab/v1/facts", facts),
        Route("/lab/v1/faults", faults, methods=["GET", "POST", "DELETE"]),
        Route("/lab/v1/faults/{id}", faults, methods=["DELETE"]),
        Route("/lab/v1/profile", profile, methods=["GET", "POST"]),
        Route("/lab/v1/quotas", quotas, methods=["GET", "POST"]),
        Route("/lab/v1/org-policies", org_policies, methods=["GET", "POST"]),
        Route("/lab/v1/services", services, methods=["GET", "POST"]),
        Route("/lab/v1/reset", reset, methods=["POST"]),
    ]
