"""How a service is plugged in: a function a method, by the discovery document's method id; and calls that nobody sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.simulator import discovery, schema
from lab.simulator.clock import Clock
from lab.simulator.context import Lab
from lab.simulator.errors import not_simulated
from lab.simulator.events import Events
from lab.simulator.store import Store


@dataclass(frozen=True)
class Call:
    """One call of an API, checked against its schema.

    `params` holds path and query parameters by the discovery document's names, typed (repeated ones are lists);
    absent ones are absent. `body` is the JSON body or, in an upload, the metadata part. `raw` is the media of an
    upload (its type, if given, in `headers["x-media-content-type"]`), otherwise the bytes as received.
    `headers` has lower-case names.
    """

    method_id: str
    params: dict[str, Any]
    body: dict[str, Any] | None
    raw: bytes
    headers: Mapping[str, str]
    store: Store
    clock: Clock
    events: Events
    principal: str
    lab: Lab
    url: str = ""
    """Scheme and host as the client wrote them, e.g. http://127.0.0.1:8080."""

    def allows(self, permission: str) -> bool:
        """Whether the project's roles allow it; a resource's policy may allow more."""
        return self.lab.permissions.allows(self.principal, permission)


@dataclass(frozen=True)
class Reply:
    """For what a plain dict (200, JSON) can't say. `body` as bytes goes out unchecked, with `media_type`."""

    status: int = 200
    body: dict[str, Any] | bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


Handler = Callable[[Call], "dict[str, Any] | Reply | None"]
HANDLERS: dict[str, Handler] = {}


def handles(*method_ids: str) -> Callable[[Handler], Handler]:
    """`@handles("storage.objects.get")`. None from the function is an empty reply: 204, or {} where a schema is."""

    def register(fn: Handler) -> Handler:
        for method_id in method_ids:
            if method_id in HANDLERS and HANDLERS[method_id].__module__ != fn.__module__:
                raise ValueError(f"{method_id} is handled twice")
            HANDLERS[method_id] = fn
        return fn

    return register


def internal(
    lab: Lab, method_id: str, params: Mapping[str, Any], body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Makes a call that nobody sent: what an effect asks of another resource, as a managed group asks for its instances.

    `params` are by the discovery document's names, typed; `body` is checked as a sent one is. The caller is Google's own
    agent of the project, whom nothing is denied, and no fault that a test has ordered meets it. All happens in the
    transaction of the effect, so what fails there takes this along. Returns the reply's body. Raises ApiError as the
    handler does, and KeyError where the APIs have no such method.
    """
    method = discovery.method(method_id)
    handler = HANDLERS.get(method_id)
    if handler is None:
        raise not_simulated(method_id)
    call = Call(
        method_id=method_id,
        params=dict(params),
        body=schema.request_body(method, body),
        raw=b"",
        headers={},
        store=lab.store,
        clock=lab.clock,
        events=lab.events,
        principal=f"serviceAccount:{lab.number}@cloudservices.gserviceaccount.com",
        lab=lab,
    )
    reply = handler(call)
    if isinstance(reply, Reply):
        return reply.body if isinstance(reply.body, dict) else {}
    return reply or {}
