"""Operations of compute: created by handlers, finished at once or when their time has come.

A handler checks everything, changes what shows at once, and names an *effect* for what shows when the operation is
done. Under `instant` the effect runs in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.simulator.clock import rfc3339
from lab.simulator.context import Lab
from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, Handler
from lab.simulator.store import Store

Effect = Callable[[Lab, dict[str, Any]], None]
_EFFECTS: dict[str, Effect] = {}
API = "https://www.googleapis.com/compute/v1/"


def effect(name: str) -> Callable[[Effect], Effect]:
    """`@effect("instances.delete")` on `fn(lab, args)`; args must be JSON, for they outlive a restart."""

    def register(fn: Effect) -> Effect:
        _EFFECTS[name] = fn
        return fn

    return register


def start(
    call: Call,
    target: str,
    kind: str,
    effect_name: str | None = None,
    args: dict[str, Any] | None = None,
    *,
    target_id: str | None = None,
    seconds: float | None = None,
    powers_off: bool = False,
    empties: str = "",
) -> dict[str, Any]:
    """An operation on `target` (relative path). `kind` is Google's operationType: insert, delete, setTags, …

    One that `powers_off` its target is not done before the guest is off, where guests are machines; one that `empties` it,
    not before nothing of that kind is left below it.
    """
    lab = call.lab
    number = lab.store.next_id("operation")
    now = lab.clock.time()
    takes = lab.latency.seconds(call.method_id) if seconds is None else seconds
    takes += lab.extra_delay
    scope = next((p for p in ("zone", "region") if f"/{p}s/" in f"/{target}"), None)
    place = target.split("/")[3] if scope else None
    project = target.split("/")[1]
    container = f"projects/{project}/{scope}s/{place}" if scope else f"projects/{project}/global"
    name = f"operation-{int(now * 1000)}-{number:013x}-{number * 2654435761 % 2**32:08x}-{number:08x}"
    operation: dict[str, Any] = {
        "kind": "compute#operation",
        "id": str(4_000_000_000_000_000_000 + number),
        "name": name,
        "operationType": kind,
        "targetLink": API + target,
        "targetId": target_id or _id_of(lab.store, target),
        "status": "RUNNING" if takes else "DONE",
        "user": call.principal,
        "progress": 0,
        "insertTime": rfc3339(now),
        "startTime": rfc3339(now),
        "selfLink": f"{API}{container}/operations/{name}",
    }
    if scope and place:
        operation[scope] = f"{API}projects/{project}/{scope}s/{place}"
    key = f"{container}/operations/{name}"
    pending = {"effect": effect_name, "args": args or {}, "due": now + takes, "start": now, "target": target}
    pending |= {"method": call.method_id, "type": kind}
    if powers_off and lab.guest_on(target):
        pending["guest"] = target
    if empties:
        pending["empties"] = empties
    held = _held(lab, pending)
    if held:
        operation["status"] = "RUNNING"
    lab.store.put("operations", key, operation)
    if takes or held:
        lab.store.put("pending", f"{now + takes:020.6f}/{key}", pending)
        return operation
    return _finish(lab, key, pending)


def _held(lab: Lab, pending: dict[str, Any]) -> bool:
    """Whether it has to wait although its time has come."""
    if "guest" in pending and lab.guest_on(pending["guest"]):
        return True
    return "empties" in pending and bool(lab.store.list(pending["empties"], f"{pending['target']}/"))


def busy(store: Store, target: str, kinds: tuple[str, ...] = ()) -> bool:
    """Whether an operation on `target` is under way (of one of these types, if given)."""
    return any(p["target"] == target and (not kinds or p["type"] in kinds) for _, p in store.list("pending"))


def later(lab: Lab, seconds: float, effect_name: str, args: dict[str, Any]) -> None:
    """A change on the way, which no operation shows (PROVISIONING → STAGING). Not for `instant`."""
    now = lab.clock.time()
    key = f"{now + seconds:020.6f}/step-{lab.store.next_id('step')}"
    step = {
        "effect": effect_name,
        "args": args,
        "due": now + seconds,
        "start": now,
        "target": "",
        "type": "step",
    }
    lab.store.put("pending", key, step)


def advance(lab: Lab) -> int:
    """Finish what is due, in order, and what is due because of that. Cheap when nothing is; returns how many."""
    count = 0
    while done := _finish_due(lab):
        count += done
    return count


def _finish_due(lab: Lab) -> int:
    row = lab.store.execute("SELECT min(key) FROM docs WHERE kind='pending'").fetchone()
    if row is None or row[0] is None or float(row[0].split("/", 1)[0]) > lab.clock.time():
        return 0
    count = 0
    with lab.store.transaction():
        for due_key, pending in lab.store.list("pending"):
            if pending["due"] > lab.clock.time():
                break
            if _held(lab, pending):
                continue
            lab.store.delete("pending", due_key)
            count += 1
            if pending["type"] == "step":
                _EFFECTS[pending["effect"]](lab, pending["args"])
                lab.journal.record("step", {"effect": pending["effect"]} | pending["args"])
                continue
            key = due_key.split("/", 1)[1]
            done = _finish(lab, key, pending)
            entry = {"operation": done["name"], "methodId": pending["method"], "resource": pending["target"]}
            if "error" in done:
                entry["error"] = done["error"]["errors"][0]["code"]
            lab.journal.record("operation", entry)
    return count


def apply(lab: Lab, effect_name: str, args: dict[str, Any]) -> None:
    """An effect that no call asked for, as when a guest switches itself off."""
    with lab.store.transaction():
        _EFFECTS[effect_name](lab, args)
        lab.journal.record("step", {"effect": effect_name} | args)


def _finish(lab: Lab, key: str, pending: dict[str, Any]) -> dict[str, Any]:
    operation = lab.store.get("operations", key)
    assert operation is not None
    error = pending.get("error")
    if error is None and pending["effect"]:
        try:
            with lab.store.transaction():
                _EFFECTS[pending["effect"]](lab, pending["args"])
        except ApiError as raised:
            error = {"code": error_code(raised), "message": raised.message, "http": raised.code}
    operation |= {
        "status": "DONE",
        "progress": 100,
        "endTime": rfc3339(max(pending["due"], pending["start"])),
    }
    if error:
        operation["error"] = {"errors": [{"code": error["code"], "message": error["message"]}]}
        operation["httpErrorStatusCode"] = error.get("http", 400)
        operation["httpErrorMessage"] = error.get("http_message", "BAD REQUEST")
    lab.store.put("operations", key, operation)
    return operation


def run_failing(call: Call, handler: Handler, fault: dict[str, Any]) -> dict[str, Any]:
    """Run the handler's checks, undo its effect, and answer with an operation that fails."""
    started: dict[str, Any] = {}

    class UndoError(Exception):
        pass

    try:
        with call.store.transaction():
            reply = handler(call)
            if not isinstance(reply, dict) or reply.get("kind") != "compute#operation":
                raise ApiError(
                    int(fault.get("http_code", 400)), fault.get("code", "error"), fault.get("message", "")
                )
            started = reply
            raise UndoError
    except UndoError:
        pass
    target = started["targetLink"].removeprefix(API)
    error = {
        "code": fault.get("code", "INTERNAL_ERROR"),
        "message": fault.get("message", "Internal error."),
        "http": int(fault.get("http_code", 400)),
        "http_message": fault.get("http_message", "BAD REQUEST"),
    }
    return _failing(call, target, started["operationType"], started.get("targetId"), error)


def failed(call: Call, target: str, kind: str, error: ApiError) -> dict[str, Any]:
    """An operation that ends with `error`; its reason is the operation's error code."""
    shown = {"code": error_code(error), "message": error.message, "http": error.code}
    return _failing(call, target, kind, None, shown)


def error_of(lab: Lab, operation: dict[str, Any]) -> dict[str, Any] | None:
    """The error's code and message with which an operation has ended, or will end; None if with none."""
    if "error" in operation:
        found: dict[str, Any] = operation["error"]["errors"][0]
        return found
    key = operation["selfLink"].removeprefix(API)
    pending = (p for k, p in lab.store.list("pending") if k.endswith(f"/{key}"))
    error = next(pending, {}).get("error")
    return {"code": error["code"], "message": error["message"]} if error else None


def _failing(
    call: Call, target: str, kind: str, target_id: str | None, error: dict[str, Any]
) -> dict[str, Any]:
    operation = start(call, target, kind, target_id=target_id)
    key = operation["selfLink"].removeprefix(API)
    if operation["status"] == "DONE":
        now = call.clock.time()
        return _finish(call.lab, key, {"effect": None, "args": {}, "due": now, "start": now, "error": error})
    for pending_key, pending in call.store.list("pending"):
        if pending_key.endswith(key):
            call.store.put("pending", pending_key, pending | {"error": error})
    return operation


def _id_of(store: Store, target: str) -> str:
    collection = target.split("/")[-2] if "/" in target else ""
    doc = store.get(collection, target)
    return str(doc["id"]) if doc and "id" in doc else str(2_000_000_000_000_000_000 + store.next_id("target"))


def error_code(error: ApiError) -> str:
    """What an operation's error calls the reason of an API's."""
    if error.reason.isupper():
        return error.reason
    return {
        "resourceInUseByAnotherResource": "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE",
        "quotaExceeded": "QUOTA_EXCEEDED",
        "alreadyExists": "RESOURCE_ALREADY_EXISTS",
        "notFound": "RESOURCE_NOT_FOUND",
        "invalidResourceUsage": "INVALID_USAGE",
        "resourceNotReady": "RESOURCE_NOT_READY",
    }.get(error.reason, "INVALID_USAGE")
