"""Instances: insert and delete. What changes them is in `instance_life`, `instance_changes` and `instance_disks`."""

from __future__ import annotations

import re
from typing import Any

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import ApiError, bad_request, invalid, required
from lab.simulator.org_policies import OrgPolicies
from lab.simulator.quotas import Quotas
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import (
    addresses,
    attached_disks,
    catalog,
    disks,
    fitting,
    instance_groups,
    managed_by,
    metadata,
    nics,
    resources,
    urls,
)
from lab.simulator.services.compute.resources import Collection, Doc

INSTANCES = Collection(
    service="instances",
    plural="instances",
    scope="zones",
    param="instance",
    kind="compute#instance",
    noun="instance",
    aggregated=True,
)
resources.serve(INSTANCES, own_delete=True)
resources.serve_labels(INSTANCES)
_TAG = re.compile(catalog.NAME_PATTERN)


def machine_type(call: Call, zone: str, url: Any, field: str = "resource.machineType") -> str:
    """Returns the URL of a type that exists in the zone."""
    if not url:
        raise required(field)
    name, path = urls.last(str(url)), urls.relative(call, str(url))
    if f"/zones/{zone}/machineTypes/" not in path:
        raise invalid(field, url, "The URL is malformed or names another zone.")
    if catalog.machine_sizes(name) is None:
        raise invalid(field, url, f"Machine type with name '{name}' does not exist in zone '{zone}'.")
    if made := catalog.custom(name):
        fitting.check_custom(catalog.family(name), *made)
    return urls.link(f"projects/{call.lab.project}/zones/{zone}/machineTypes/{name}")


def tags(given: Doc | None) -> Doc:
    items = sorted(set((given or {}).get("items") or []))
    for tag in items:
        if not _TAG.fullmatch(tag):
            raise invalid(
                "resource.tags.items[0]", tag, f"Must be a match of regex '(?:{catalog.NAME_PATTERN})'"
            )
    return {"fingerprint": resources.fingerprint(items)} | ({"items": items} if items else {})


def min_cpu_platform(given: str | None) -> Doc:
    """Google takes `automatic`, written in any way, and shows nothing then (the provider says so of `min_cpu_platform`)."""
    return {} if (given or "").lower() in ("", "automatic") else {"minCpuPlatform": given}


def service_accounts(call: Call, given: list[Doc] | None) -> list[Doc]:
    """Returns the accounts that a body names: at most one, which must exist (`default` is the project's compute account)."""
    if len(given or []) > 1:
        raise bad_request("At most one service account may be specified.", "invalid")
    default = f"{call.lab.number}-compute@developer.gserviceaccount.com"
    found = []
    for account in given or []:
        email = account.get("email") or "default"
        email = default if email == "default" else email
        if email != default and not _account_exists(call, email):
            text = f"The user does not have access to service account '{email}'.  User: '{call.principal}'.  "
            text += "Ask a project owner to grant you the iam.serviceAccountUser role on the service account"
            raise ApiError(400, "serviceAccountAccessDenied", text)
        found.append({"email": email, "scopes": account.get("scopes") or []})
    return found


def _account_exists(call: Call, email: str) -> bool:
    if "@" not in email:
        return False
    return any(
        d.get("email") == email and not d.get("deleted") for _, d in call.store.list("iam.serviceAccounts")
    )


def _quotas(call: Call, key: str, machine: str) -> None:
    region = catalog.ZONES[key.split("/")[3]]
    where = f"in region {region}"
    inside = [d for k, d in call.store.list("instances") if urls.region_of(k) == region]
    quotas = Quotas(call.store)
    quotas.check("INSTANCES", len(inside) + 1, where)
    sizes = [catalog.machine_sizes(urls.last(t)) for t in [machine, *(d["machineType"] for d in inside)]]
    quotas.check("CPUS", sum(s[0] for s in sizes if s), where)
    outside = sum(len(n.get("accessConfigs", [])) for d in inside for n in d["networkInterfaces"])
    wanted = sum(len(n.get("accessConfigs") or []) for n in (call.body or {}).get("networkInterfaces", []))
    if wanted:
        quotas.check("IN_USE_ADDRESSES", outside + wanted, where)


def scheduling(given: Doc | None, machine: str, field: str = "resource.scheduling") -> Doc:
    """Returns what becomes of a request's scheduling on a machine of that type. Raises ApiError for what clashes.

    Texts: percona/mongo_terraform_ansible#34, lighttransport/francine#5 and scylladb/scylla-cluster-tests#6671. That Google
    fills in what happens at a preemption: GoogleCloudPlatform/cloud-foundation-fabric#778.
    """
    asked = {name: value for name, value in (given or {}).items() if value is not None}
    spot = asked.get("provisioningModel") == "SPOT"
    defaults: Doc = {
        "onHostMaintenance": "TERMINATE" if spot or asked.get("preemptible") else "MIGRATE",
        "automaticRestart": not (spot or asked.get("preemptible")),
        "preemptible": spot or bool(asked.get("preemptible")),
        "provisioningModel": "SPOT" if spot else "STANDARD",
    }
    if spot:
        defaults["instanceTerminationAction"] = "STOP"
    made = defaults | {name: _duration(value) for name, value in asked.items()}
    if made.get("instanceTerminationAction") and not (
        spot or made.get("maxRunDuration") or made.get("terminationTime")
    ):
        text = "Only allowed for Spot VMs and those with a limited run time."
        raise invalid(f"{field}.instanceTerminationAction", made["instanceTerminationAction"], text)
    for clashes, when in (
        (made["automaticRestart"], "AutomaticRestart is true"),
        (made["onHostMaintenance"] != "TERMINATE", "OnHostMaintenance isn't TERMINATE"),
    ):
        if made["preemptible"] and clashes:
            text = f"Scheduling must have preemptible be false when {when}."
            raise invalid(f"{field}.preemptible", "true", text)
    return made


def check_maintenance(doc: Doc) -> None:
    """Raises ApiError where a VM's family doesn't do what its scheduling says. A template isn't asked that: the provider's
    tests of templates with a GPU or a CPU platform make one of an e2 that ends for maintenance.
    """
    made = doc["scheduling"]
    if (
        catalog.family(urls.last(doc["machineType"])) == "e2"
        and made["onHostMaintenance"] == "TERMINATE"
        and not made["preemptible"]
    ):
        raise bad_request(
            "e2 instances do not support onHostMaintenance=TERMINATE unless they are preemptible.",
            "badRequest",
        )


def _duration(value: Any) -> Any:
    """Google shows `nanos` of a duration that was given without: the provider's tests of `localSsdRecoveryTimeout`."""
    return {"nanos": 0} | value if isinstance(value, dict) and "seconds" in value else value


@handles("compute.instances.insert")
def insert(call: Call) -> Doc:
    if call.params.get("sourceInstanceTemplate") or call.params.get("sourceMachineImage"):
        raise ApiError(501, "notImplemented", "The simulator implements no templates and machine images.")
    body = urls.require(call.body)
    key, doc = resources.new(call, INSTANCES, body)
    zone = key.split("/")[3]
    doc["machineType"] = machine_type(call, zone, doc.get("machineType"))
    _quotas(call, key, doc["machineType"])
    if any(nic.get("accessConfigs") for nic in doc.get("networkInterfaces") or []):
        OrgPolicies(call.store).check_external_address(urls.project(call), key)
    try:
        doc["networkInterfaces"] = nics.build(call, key, doc.get("networkInterfaces") or [])
    except ApiError as error:
        if not error.reason.isupper():  # An operation's code: what only the operation finds out.
            raise
        return operations.failed(call, key, "insert", error)
    doc["disks"] = attached_disks.build_all(call, key, doc["machineType"], doc.get("disks") or [])
    doc["metadata"] = metadata.checked(doc.get("metadata"))
    doc["tags"] = tags(doc.get("tags"))
    doc["scheduling"] = scheduling(doc.get("scheduling"), urls.last(doc["machineType"]))
    check_maintenance(doc)
    machine = urls.last(doc["machineType"])
    fitting.check_accelerators(machine, doc.get("guestAccelerators") or [], doc["scheduling"])
    doc |= min_cpu_platform(doc.pop("minCpuPlatform", None))
    if accounts := service_accounts(call, doc.pop("serviceAccounts", None)):
        doc["serviceAccounts"] = accounts
    if policies := doc.pop("resourcePolicies", None):
        doc["resourcePolicies"] = disks.policy_links(call, zone, policies, "resource.resourcePolicies")
    doc["shieldedInstanceConfig"] = {
        "enableSecureBoot": False,
        "enableVtpm": True,
        "enableIntegrityMonitoring": True,
    } | (doc.get("shieldedInstanceConfig") or {})
    doc["shieldedInstanceIntegrityPolicy"] = {"updateAutoLearnPolicy": True}
    doc.setdefault("canIpForward", False)
    doc.setdefault("deletionProtection", False)
    doc.setdefault("displayDevice", {"enableDisplay": False})
    doc.setdefault("reservationAffinity", {"consumeReservationType": "ANY_RESERVATION"})
    doc |= {"startRestricted": False, "cpuPlatform": "Intel Broadwell"}
    doc |= {"lastStartTimestamp": call.clock.now(), "status": "RUNNING"}
    doc.pop("params", None)
    fingerprinted(resources.with_labels(doc))
    nics.claim_all(call.store, key, doc["networkInterfaces"])
    seconds = call.lab.latency.seconds(call.method_id)
    if seconds:
        doc["status"] = "PROVISIONING"
        operations.later(
            call.lab, seconds / 3, "instances.status", {"key": key, "from": "PROVISIONING", "to": "STAGING"}
        )
    return resources.created(call, INSTANCES, key, doc, "instances.started")


def fingerprinted(doc: Doc) -> Doc:
    hashed = {k: v for k, v in doc.items() if k not in ("fingerprint", "status", "lastStartTimestamp")}
    doc["fingerprint"] = resources.fingerprint(hashed)
    return doc


@operations.effect("instances.status")
def _status(lab: Lab, args: dict[str, Any]) -> None:
    doc = lab.store.get("instances", args["key"])
    if doc and doc["status"] == args["from"]:
        lab.store.put("instances", args["key"], doc | {"status": args["to"]})


@operations.effect("instances.started")
def _started(lab: Lab, args: dict[str, Any]) -> None:
    """The guest boots now."""
    doc = lab.store.get("instances", args["key"])
    if doc is None or doc["status"] in ("STOPPING", "TERMINATED"):
        return
    doc |= {"status": "RUNNING", "lastStartTimestamp": lab.clock.now()}
    lab.store.put("instances", args["key"], doc)
    lab.events.publish("instance.started", key=args["key"], instance=doc)
    managed_by.look_again(lab, doc)


@operations.effect("instances.restarted")
def _restarted(lab: Lab, args: dict[str, Any]) -> None:
    """The VM's host has failed, and Google starts the VM again by itself."""
    if doc := lab.store.get("instances", args["key"]):
        lab.store.put("instances", args["key"], doc | {"status": "STAGING"})
        _started(lab, args)


@handles("compute.instances.delete")
def delete(call: Call) -> Doc:
    key, doc = resources.existing(call, INSTANCES)
    if doc["deletionProtection"]:
        text = "Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion. "
        text += "For more information, see https://cloud.google.com/compute/docs/instances/"
        text += "preventing-accidental-vm-deletion'."
        raise ApiError(400, "invalidResourceUsage", text)
    if doc["status"] == "RUNNING":
        call.events.publish("instance.stopping", key=key, instance=doc)
        call.store.put("instances", key, doc | {"status": "STOPPING"})
    return operations.start(
        call, key, "delete", "instances.delete", {"key": key}, target_id=doc["id"], powers_off=True
    )


@operations.effect("instances.delete")
def _deleted(lab: Lab, args: dict[str, Any]) -> None:
    """Memberships vanish; disks go or stay by `autoDelete`; addresses are free again."""
    key = args["key"]
    doc = lab.store.get("instances", key)
    if doc is None:
        return
    lab.store.delete("instances", key)
    addresses.release_everything(lab, key)
    for entry in doc["disks"]:
        disk_key = entry["source"].removeprefix(operations.API)
        disks.detach(lab.store, disk_key, key, lab.clock.now())
        disk = lab.store.get("disks", disk_key)
        if entry["autoDelete"] and disk and not disk.get("users"):
            lab.store.delete("disks", disk_key)
    instance_groups.leave(lab.store, key)
    lab.store.delete("guestAttributes", key)
    lab.events.publish("instance.deleted", key=key, instance=doc)
    managed_by.look_again(lab, doc)
