"""Faults of a modelled machine, ordered by a test.

{"kind": "halt"}                 its power is cut; the instance is TERMINATED until somebody starts it
{"kind": "abrupt"}               its agent hears nothing when the machine is told to stop, and etcd ends as if by a power cut
{"kind": "freeze"}               nothing on it moves any more, until `clear` or a restart of the VM
{"kind": "hang"}                 its agent does and says nothing any more, until `clear` or a restart; its etcd goes on
{"kind": "fail-start"}           its start fails, and it says so; it restarts at once
{"kind": "slow-join", "seconds"} it takes so long to catch up when it next joins
{"kind": "ill-as", "version"}    its apiserver doesn't get ready as this version of Kubernetes, until `clear` or another one
{"kind": "disk-blank"}           its data disk is blank from now on; it restarts at once
{"kind": "clear"}                no fault any more
"""

from __future__ import annotations

from typing import Any

from lab.guest_model.model import GuestModel

KINDS = ("halt", "abrupt", "freeze", "hang", "fail-start", "slow-join", "ill-as", "disk-blank", "clear")


def order(model: GuestModel, instance: str, spec: dict[str, Any]) -> str:
    """Returns when the fault has taken effect: nothing, or what is wrong with the order."""
    return model.ask(lambda: _take_effect(model, instance, spec))


def _take_effect(model: GuestModel, instance: str, spec: dict[str, Any]) -> str:
    """In the model's thread."""
    guest, kind = model.find(instance), spec.get("kind")
    if kind not in KINDS:
        return f"kind is {kind!r}; use one of {', '.join(KINDS)}"
    if unknown := set(spec) - {"kind", "seconds", "version"}:
        return f"a fault has no field {', '.join(sorted(unknown))}"
    if guest is None:
        return f"no instance {instance} that runs and has a guest model"
    now = model.lab.clock.time()
    if kind == "halt":
        model.power_cut(guest, "fault")
    elif kind == "abrupt":
        guest.abrupt = True
    elif kind == "freeze":
        guest.halt(now)
        guest.frozen, guest.due = True, now + 3600
        model.struck(guest, "fault", "is frozen by a fault")
    elif kind == "hang":
        guest.frozen, guest.due = True, now + 3600
        model.struck(guest, "", "its agent hangs by a fault")
    elif kind == "fail-start":
        guest.failing = "the start fails: a fault was ordered"
        model.reboot(guest, "fault")
    elif kind == "slow-join":
        guest.sync_seconds = float(spec.get("seconds", 60))
        model.struck(guest, "", "joins slowly by a fault")
    elif kind == "ill-as":
        guest.ill_as = str(spec.get("version", ""))
        model.struck(guest, "", f"is ill as {guest.ill_as} by a fault")
    elif kind == "disk-blank":
        guest.halt(now)
        guest.etcd.discard(guest.instance.disk)
        model.reboot(guest, "fault")
    else:
        restart = (guest.frozen and not guest.etcd_running) or bool(guest.failing)
        guest.frozen, guest.failing, guest.abrupt, guest.sync_seconds = False, "", False, None
        guest.ill_as = ""
        guest.due = now
        if restart:
            model.reboot(guest, "fault")
    return ""
