"""The metadata server: answers each VM by the address that it asks from, and tells it when something has changed.

What it doesn't have: guest attributes, and paths of the v1beta1 and 0.1 trees.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lab.machines import identity, metadata
from lab.network.topology_reader import read
from lab.simulator.context import Lab

_FLAVOR = {"Metadata-Flavor": "Google", "Server": "Metadata Server for VM (lab)"}
_LONGEST_WAIT_SECONDS = 300.0
_KINDS = ("instances", "forwardingRules", "targetInstances", "backendServices", "groupMembers")


class MetadataServer:
    """`app` is an ASGI application, for one event loop. `attributes` are the lab's own, for every VM."""

    def __init__(self, lab: Lab, attributes: dict[str, str]) -> None:
        self._lab = lab
        self._attributes = attributes
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self.app = Starlette(routes=[Route("/{path:path}", self._answer)])
        self._unwatch = lab.store.watch(_KINDS, self._changed)

    def stop(self) -> None:
        self._unwatch()

    def _changed(self) -> None:
        for loop, event in list(self._waiting):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def _answer(self, request: Request) -> Response:
        if request.headers.get("metadata-flavor") != "Google":
            return PlainTextResponse("Missing Metadata-Flavor:Google header.\n", 403, _FLAVOR)
        if "x-forwarded-for" in request.headers:
            return PlainTextResponse("X-Forwarded-For is not allowed.\n", 403, _FLAVOR)
        asker = request.client.host if request.client else ""
        path, query = request.path_params["path"], request.query_params
        if path.strip("/") == "":
            return PlainTextResponse("computeMetadata/\n", 200, _FLAVOR)
        if not (found := re.fullmatch(r"computeMetadata/v1/*(.*)", path)):
            return PlainTextResponse("Not Found\n", 404, _FLAVOR)
        keys = [key for key in found.group(1).split("/") if key]
        waits = query.get("wait_for_change", "").lower() == "true"
        try:
            limit = min(float(query.get("timeout_sec") or _LONGEST_WAIT_SECONDS), _LONGEST_WAIT_SECONDS)
        except ValueError:
            return PlainTextResponse("timeout_sec is no number\n", 400, _FLAVOR)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limit
        last = query.get("last_etag")
        while True:
            event = asyncio.Event()
            entry = (loop, event)
            self._waiting.add(entry)
            try:
                status, body, kind = await run_in_threadpool(self._look, asker, keys, dict(query))
                etag = hashlib.sha256(body).hexdigest()[:16]
                last = last or etag  # Without one, the next change is waited for.
                if not waits or status != 200 or etag != last or loop.time() >= deadline:
                    return Response(body, status, {**_FLAVOR, "ETag": etag}, media_type=kind)
                try:
                    await asyncio.wait_for(event.wait(), max(0.0, deadline - loop.time()))
                except TimeoutError:
                    continue
            finally:
                self._waiting.discard(entry)

    def _look(self, asker: str, keys: list[str], query: dict[str, str]) -> tuple[int, bytes, str]:
        """Returns status, body and media type."""
        topology = read(self._lab.store)
        machine = next((m for m in topology.machines if m.address == asker), None)
        instance = next(
            (doc for _, doc in self._lab.store.list("instances") if machine and doc["id"] == machine.id), None
        )
        if instance is None:
            return 404, f"no VM has the address {asker}\n".encode(), "text/plain"
        tree: Any = metadata.document(self._lab, topology, instance, self._attributes)
        if keys[:2] == ["instance", "service-accounts"] and keys[3:] == ["token"]:
            try:
                return 200, json.dumps(metadata.token(instance)).encode(), "application/json"
            except LookupError as error:
                return 404, f"{error}\n".encode(), "text/plain"
        if keys[:2] == ["instance", "service-accounts"] and keys[3:] == ["identity"]:
            try:
                return 200, identity.token(self._lab, instance, query).encode(), "text/html"
            except identity.IdentityError as error:
                return error.status, f"{error}\n".encode(), "text/plain"
        try:
            return 200, *_render(_step(tree, keys), query)
        except (KeyError, IndexError, ValueError):
            return 404, b"Not Found\n", "text/plain"


def _step(tree: Any, keys: list[str]) -> Any:
    """Follows a path: `network-interfaces` means `networkInterfaces`; attributes are spelled as they are."""
    here, parents = tree, [""]
    for key in keys:
        if isinstance(here, list):
            here = here[int(key)]
        elif not isinstance(here, dict):
            raise KeyError(key)
        elif "attributes" in parents or key in here:
            here = here[key]
        else:
            here = here[re.sub(r"-(.)", lambda found: found.group(1).upper(), key)]
        parents.append(key)
    return here


def _render(value: Any, query: dict[str, str]) -> tuple[bytes, str]:
    if isinstance(value, dict | list):
        if query.get("recursive", "").lower() == "true":
            return json.dumps(value, sort_keys=True).encode(), "application/json"
        names = range(len(value)) if isinstance(value, list) else sorted(value)
        lines = [
            f"{_dashed(str(name))}{'/' if isinstance(value[name], dict | list) else ''}\n" for name in names
        ]
        return "".join(lines).encode(), "application/text"
    if query.get("alt") == "json":
        return json.dumps(value).encode(), "application/json"
    return str(value).encode(), "application/text"


def _dashed(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: "-" + found.group().lower(), name)
