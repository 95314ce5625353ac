"""Starting and stopping. Texts for a wrong state aren't known; to start what runs counts as done."""

from __future__ import annotations

from typing import Any

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import managed_by, nics, resources
from lab.simulator.services.compute.instances import INSTANCES, fingerprinted
from lab.simulator.services.compute.resources import Doc


def _wrong_state(key: str, status: str, action: str) -> ApiError:
    return ApiError(
        400, "resourceNotReady", f"The resource '{key}' is not ready: can't {action} while {status}"
    )


@handles("compute.instances.start")
def start(call: Call) -> Doc:
    key, doc = resources.existing(call, INSTANCES)
    if doc["status"] in ("STOPPING", "SUSPENDING", "SUSPENDED"):
        raise _wrong_state(key, doc["status"], "start")
    if doc["status"] != "TERMINATED":
        return operations.start(call, key, "start", target_id=doc["id"], seconds=0)
    doc["networkInterfaces"] = nics.take_ephemeral(call.store, doc["networkInterfaces"])
    doc["status"] = "STAGING"
    call.store.put("instances", key, fingerprinted(doc))
    return operations.start(call, key, "start", "instances.started", {"key": key}, target_id=doc["id"])


@handles("compute.instances.stop")
def stop(call: Call) -> Doc:
    key, doc = resources.existing(call, INSTANCES)
    if doc["status"] in ("STOPPING", "TERMINATED"):
        return operations.start(call, key, "stop", target_id=doc["id"], seconds=0)
    call.events.publish("instance.stopping", key=key, instance=doc)
    call.store.put("instances", key, doc | {"status": "STOPPING"})
    return operations.start(
        call, key, "stop", "instances.stopped", {"key": key}, target_id=doc["id"], powers_off=True
    )


@operations.effect("instances.stopped")
def _stopped(lab: Lab, args: dict[str, Any]) -> None:
    """Disks and static addresses stay; ephemeral external addresses go."""
    doc = lab.store.get("instances", args["key"])
    if doc is None:
        return
    doc["networkInterfaces"] = nics.drop_ephemeral(lab.store, doc["networkInterfaces"])
    doc |= {"status": "TERMINATED", "lastStopTimestamp": lab.clock.now()}
    lab.store.put("instances", args["key"], fingerprinted(doc))
    lab.events.publish("instance.stopped", key=args["key"], instance=doc)
    managed_by.look_again(lab, doc)


@handles("compute.instances.reset")
def reset(call: Call) -> Doc:
    """Does what the button does: no shutdown, memory is lost, everything else stays."""
    key, doc = resources.existing(call, INSTANCES)
    if doc["status"] != "RUNNING":
        raise _wrong_state(key, doc["status"], "reset")
    call.events.publish("instance.reset", key=key, instance=doc)
    return operations.start(call, key, "reset", target_id=doc["id"])


@handles("compute.instances.suspend")
def suspend(call: Call) -> Doc:
    key, doc = resources.existing(call, INSTANCES)
    if doc["status"] != "RUNNING":
        raise _wrong_state(key, doc["status"], "suspend")
    call.store.put("instances", key, doc | {"status": "SUSPENDING"})
    return operations.start(call, key, "suspend", "instances.suspended", {"key": key}, target_id=doc["id"])


@operations.effect("instances.suspended")
def _suspended(lab: Lab, args: dict[str, Any]) -> None:
    if doc := lab.store.get("instances", args["key"]):
        doc |= {"status": "SUSPENDED", "lastSuspendedTimestamp": lab.clock.now()}
        lab.store.put("instances", args["key"], doc)
        lab.events.publish("instance.suspended", key=args["key"], instance=doc)


@handles("compute.instances.resume")
def resume(call: Call) -> Doc:
    key, doc = resources.existing(call, INSTANCES)
    if doc["status"] != "SUSPENDED":
        raise _wrong_state(key, doc["status"], "resume")
    call.store.put("instances", key, doc | {"status": "STAGING"})
    return operations.start(call, key, "resume", "instances.resumed", {"key": key}, target_id=doc["id"])


@operations.effect("instances.resumed")
def _resumed(lab: Lab, args: dict[str, Any]) -> None:
    if doc := lab.store.get("instances", args["key"]):
        doc |= {"status": "RUNNING", "lastStartTimestamp": lab.clock.now()}
        lab.store.put("instances", args["key"], doc)
        lab.events.publish("instance.resumed", key=args["key"], instance=doc)
