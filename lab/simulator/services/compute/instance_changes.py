"""What can be changed on an instance, and what can be read from it."""

from __future__ import annotations

from lab.simulator.errors import ApiError, bad_request, invalid, not_found
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import addresses, fitting, metadata, nics, resources, urls
from lab.simulator.services.compute.instances import (
    INSTANCES,
    check_maintenance,
    fingerprinted,
    machine_type,
    min_cpu_platform,
    scheduling,
    service_accounts,
    tags,
)
from lab.simulator.services.compute.resources import Doc


def _instance(call: Call) -> tuple[str, Doc]:
    return resources.existing(call, INSTANCES)


def _saved(call: Call, key: str, doc: Doc, kind: str) -> Doc:
    return resources.saved(call, INSTANCES, key, fingerprinted(doc), kind)


def _stopped(doc: Doc, what: str) -> None:
    if doc["status"] != "TERMINATED":
        raise bad_request(f"The instance must be stopped before the {what} can be changed.")


@handles("compute.instances.setMetadata")
def set_metadata(call: Call) -> Doc:
    key, doc = _instance(call)
    doc["metadata"] = metadata.replaced(doc["metadata"], urls.require(call.body), "metadata")
    call.events.publish("instance.metadata", key=key, instance=doc)
    return _saved(call, key, doc, "setMetadata")


@handles("compute.instances.setTags")
def set_tags(call: Call) -> Doc:
    key, doc = _instance(call)
    body = urls.require(call.body)
    resources.check_fingerprint(body.get("fingerprint"), doc["tags"]["fingerprint"])
    doc["tags"] = tags(body)
    return _saved(call, key, doc, "setTags")


@handles("compute.instances.setScheduling")
def set_scheduling(call: Call) -> Doc:
    key, doc = _instance(call)
    given = {k: v for k, v in urls.require(call.body).items() if v is not None}
    asked = doc["scheduling"] | given
    if given.get("provisioningModel") == "STANDARD" and "instanceTerminationAction" not in given:
        asked.pop("instanceTerminationAction", None)
    doc["scheduling"] = scheduling(asked, urls.last(doc["machineType"]))
    check_maintenance(doc)
    return _saved(call, key, doc, "setScheduling")


@handles("compute.instances.setMachineType")
def set_machine_type(call: Call) -> Doc:
    key, doc = _instance(call)
    _stopped(doc, "machine type")
    url = urls.require(call.body).get("machineType")
    doc["machineType"] = machine_type(call, key.split("/")[3], url, "machineType")
    fitting.check(call, doc["machineType"], doc["disks"])
    return _saved(call, key, doc, "setMachineType")


@handles("compute.instances.setServiceAccount")
def set_service_account(call: Call) -> Doc:
    key, doc = _instance(call)
    _stopped(doc, "service account")
    body = urls.require(call.body)
    doc.pop("serviceAccounts", None)
    if body.get("email") or body.get("scopes"):
        doc["serviceAccounts"] = service_accounts(call, [body])
    return _saved(call, key, doc, "setServiceAccount")


@handles("compute.instances.setMinCpuPlatform")
def set_min_cpu_platform(call: Call) -> Doc:
    key, doc = _instance(call)
    _stopped(doc, "minimum CPU platform")
    doc.pop("minCpuPlatform", None)
    doc |= min_cpu_platform(urls.require(call.body).get("minCpuPlatform"))
    return _saved(call, key, doc, "setMinCpuPlatform")


@handles("compute.instances.setDeletionProtection")
def set_deletion_protection(call: Call) -> Doc:
    name = call.params["resource"]
    key = INSTANCES.key(call, name)
    doc = call.store.get("instances", key)
    if doc is None:
        raise not_found(key)
    doc["deletionProtection"] = call.params.get("deletionProtection", True)
    return _saved(call, key, doc, "setDeletionProtection")


@handles("compute.instances.updateShieldedInstanceConfig")
def update_shielded(call: Call) -> Doc:
    key, doc = _instance(call)
    _stopped(doc, "shielded configuration")
    doc["shieldedInstanceConfig"] = doc["shieldedInstanceConfig"] | urls.require(call.body)
    return _saved(call, key, doc, "updateShieldedInstanceConfig")


@handles("compute.instances.setShieldedInstanceIntegrityPolicy")
def set_integrity_policy(call: Call) -> Doc:
    key, doc = _instance(call)
    doc["shieldedInstanceIntegrityPolicy"] = urls.require(call.body)
    return _saved(call, key, doc, "setShieldedInstanceIntegrityPolicy")


@handles("compute.instances.updateDisplayDevice")
def update_display(call: Call) -> Doc:
    key, doc = _instance(call)
    _stopped(doc, "display device")
    doc["displayDevice"] = urls.require(call.body)
    return _saved(call, key, doc, "updateDisplayDevice")


@handles("compute.instances.addAccessConfig")
def add_access_config(call: Call) -> Doc:
    key, doc = _instance(call)
    nic = nics.named(doc, call.params["networkInterface"])
    if nic.get("accessConfigs"):
        raise bad_request("At most one access config currently supported.")
    config = nics.access_config(call, key, urls.require(call.body), "resource")
    nic["accessConfigs"] = [config]
    if doc["status"] == "TERMINATED" and not urls.require(call.body).get("natIP"):
        del config["natIP"]
    nic |= nics.fingerprinted(nic)
    nics.claim_all(call.store, key, [nic])
    return _saved(call, key, doc, "addAccessConfig")


@handles("compute.instances.deleteAccessConfig")
def delete_access_config(call: Call) -> Doc:
    """The config is found by its name: the API's default is 'External NAT', gcloud's is 'external-nat'."""
    key, doc = _instance(call)
    nic = nics.named(doc, call.params["networkInterface"])
    name = call.params["accessConfig"]
    config = next((c for c in nic.get("accessConfigs", []) if c["name"] == name), None)
    if config is None:
        raise invalid("accessConfig", name, "The access config was not found on the network interface.")
    addresses.release(call.store, config.get("natIP"), key)
    del nic["accessConfigs"]
    nic |= nics.fingerprinted(nic)
    return _saved(call, key, doc, "deleteAccessConfig")


@handles("compute.instances.updateNetworkInterface")
def update_network_interface(call: Call) -> Doc:
    key, doc = _instance(call)
    nic = nics.named(doc, call.params["networkInterface"])
    body = urls.require(call.body)
    resources.check_fingerprint(body.get("fingerprint"), nic["fingerprint"])
    subnetwork = nics.subnetwork_of(call.store, nic)
    if unknown := set(body) - {
        "fingerprint",
        "aliasIpRanges",
        "networkIP",
        "stackType",
        "subnetwork",
        "network",
    }:
        raise bad_request(f"Field {sorted(unknown)[0]} can't be updated by the simulator.", "invalid")
    wanted = body.get("subnetwork")
    if wanted and urls.link(urls.relative(call, wanted)) != nic["subnetwork"]:
        raise ApiError(501, "notImplemented", "The simulator doesn't move interfaces to other subnetworks.")
    if "aliasIpRanges" in body:
        nic.pop("aliasIpRanges", None)
        given = body["aliasIpRanges"] or []
        if given:
            field = "resource"
            nic["aliasIpRanges"] = nics.alias_ranges(call, key, given, subnetwork, field)
    if body.get("networkIP") and body["networkIP"] != nic["networkIP"]:
        _stopped(doc, "internal address")
        addresses.usable_internal(body["networkIP"], subnetwork, "resource.networkIP")
        if addresses.internal_holder(call.store, body["networkIP"], nic["network"]):
            raise nics.ip_busy(body["networkIP"])
        addresses.release(call.store, nic["networkIP"], key, nic["network"])
        nic["networkIP"] = body["networkIP"]
        nics.claim_all(call.store, key, [nic])
    nic |= nics.fingerprinted(nic)
    return _saved(call, key, doc, "updateNetworkInterface")


@handles("compute.instances.update")
def update(call: Call) -> Doc:
    """A PUT takes over only what needs no other method; the rest must be as it is: what isn't simulated isn't dropped."""
    key, doc = _instance(call)
    body = urls.require(call.body)
    free = ("description", "canIpForward", "displayDevice", "keyRevocationActionType", "deletionProtection")
    resources.check_same(body, doc, (*free, "metadata", "tags", "labels"))
    for name in free:
        if name in body and body[name] is not None:
            doc[name] = body[name]
    if body.get("metadata"):
        doc["metadata"] = metadata.checked(body["metadata"])
    if body.get("tags"):
        doc["tags"] = tags(body["tags"])
    if "labels" in body:
        doc["labels"] = body["labels"]
        resources.with_labels(doc)
    return _saved(call, key, doc, "update")


@handles("compute.instances.getSerialPortOutput")
def get_serial_port_output(call: Call) -> Doc:
    key, doc = resources.existing(call, INSTANCES, settled=False)
    text = call.lab.serial_source(doc)
    start = int(call.params.get("start", 0))
    return {
        "kind": "compute#serialPortOutput",
        "contents": text[start:],
        "start": str(start),
        "next": str(len(text)),
        "selfLink": urls.link(f"{key}/serialPort"),
    }


@handles("compute.instances.getGuestAttributes")
def get_guest_attributes(call: Call) -> Doc:
    """The guest's side writes `guestAttributes`, by the instance's key: `{namespace: {key: value}}`."""
    key, doc = resources.existing(call, INSTANCES, settled=False)
    if (metadata.value(doc["metadata"], "enable-guest-attributes") or "").upper() != "TRUE":
        raise not_found(f"{key}/guestAttributes")
    found = call.store.get("guestAttributes", key) or {}
    path = call.params.get("variableKey") or call.params.get("queryPath", "")
    namespace, _, name = path.strip("/").partition("/")
    items = [
        {"namespace": ns, "key": k, "value": v}
        for ns, entries in sorted(found.items())
        for k, v in sorted(entries.items())
        if namespace in ("", ns) and name in ("", k)
    ]
    if not items:
        raise not_found(f"{key}/guestAttributes/{path}")
    return {
        "kind": "compute#guestAttributes",
        "queryPath": path,
        "queryValue": {"items": items},
        "selfLink": urls.link(f"{key}/guestAttributes"),
    }
