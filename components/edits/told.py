"""Changes of the masters' settings and of the API: they go through, each with what it costs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from components.config import ALWAYS, AUTO, ONLY, StackConfig
from components.edits.api_server import api_server
from components.edits.findings import NOTHING, Findings, Missing, Reach, note
from components.edits.snapshots import keep
from components.edits.staying import staying
from components.standing.facts import Standing
from components.vm_metadata import machine_config
from components.wording import RULE_GAP
from node.contract.machine_config import CNI_PLUGINS
from node.release.startup import STARTUP_SCRIPT

IN_SETTINGS = {
    "etcd.quotaBytes": "etcdQuotaBytes",
    "etcd.backup.interval": "backupIntervalSeconds",
    "identity.leaseDurationSeconds": "identityLeaseDurationSeconds",
    "identity.renewIntervalSeconds": "identityLeaseRenewIntervalSeconds",
}
"""Keys and what they are called in a machine's settings; versions, ranges and the port are judged elsewhere."""

DIGITS = 12
DIGEST = re.compile(rf"(?<=@)sha256:([0-9a-f]{{{DIGITS}}})[0-9a-f]+")

JUDGED = frozenset(
    {"kubernetesVersion", "etcdVersion", "apiPort", "podRange", "serviceRange", *IN_SETTINGS.values()}
)


def api(standing: Standing, config: StackConfig) -> Findings:
    spec = config.api
    found = _authorized(standing, config)
    alone = len(standing.masters) == len(config.replicas) == 1  # With several the option changes nothing.
    both = spec.public and standing.internal != ONLY
    if both and alone and standing.balanced not in (None, config.load_balanced):
        former = ALWAYS if standing.balanced else AUTO
        says = (
            f"The rule that holds the address is deleted and created again: expect {RULE_GAP} without the API"
        )
        found += note("api.loadBalancer", former, spec.load_balancer, says)
    if standing.dns_names is not None:
        found += _name(standing, config)
    if standing.extra_names not in (None, wanted := tuple(sorted(spec.extra_names))):
        found += note(
            "api.extraNames",
            list(standing.extra_names or ()),
            list(wanted),
            "Who uses a name that is gone can't tell the API from another"
            if set(standing.extra_names or ()) - set(wanted)
            else "",
            reach=Reach.TAKEN_OVER,
            masters=staying(standing, config),
        )
    if standing.address_protected not in (None, spec.protect_address):
        says = "" if spec.protect_address else "A destroy then releases the address, which can't be had again"
        found += note("api.protectAddress", standing.address_protected, spec.protect_address, says)
    return found


def _name(standing: Standing, config: StackConfig) -> Findings:
    """The API's name: in certificates, in kubeconfigs, and in Cloud DNS where the stack keeps the record."""
    spec, found = config.api, NOTHING
    asked = (spec.dns_name,) if spec.dns_name else ()
    if (former := standing.dns_names or ()) != asked:
        says = "Certificates are renewed for it, and kubeconfigs name it from then on" if asked else ""
        if former:
            says = "Kubeconfigs that name the former one stop working: hand out new ones"
        found += note(
            "api.dnsName",
            Missing if not former else former[0] if len(former) == 1 else former,
            spec.dns_name,
            says,
            reach=Reach.TAKEN_OVER,
            masters=staying(standing, config),
        )
    zone = spec.managed_zone if spec.dns_name else None
    known_zone = standing.record.zone if standing.record else None
    if zone != known_zone:
        says = "The record is made here, then deleted there" if zone and known_zone else ""
        if not zone:
            says = "The record goes: keep it yourself, or clients that use the name find nothing"
        found += note("api.managedZone", known_zone, zone, says)
    elif standing.record and standing.record.ttl_seconds != spec.dns_ttl_seconds:
        found += note("api.dnsTtlSeconds", standing.record.ttl_seconds, spec.dns_ttl_seconds)
    return found


def settings(standing: Standing, config: StackConfig) -> Findings:
    wanted, who = machine_config(config).to_fields(), staying(standing, config)
    found = NOTHING
    for key, name in IN_SETTINGS.items():
        former = standing.settings(name)
        if former and former != (wanted[name],):
            says = ""
            if key.startswith("identity."):
                says = "No API server has a flag for it: without effect"
            elif key == "etcd.quotaBytes" and wanted[name] < max(former):
                says = "An etcd whose database is larger than that takes no more writes"
            were, will = tuple(_unit(key, each) for each in former), _unit(key, wanted[name])
            found += note(
                key,
                were[0] if len(were) == 1 else were,
                will,
                says,
                reach=Reach.TAKEN_OVER,
                masters=who,
            )
    former_days, days = standing.retention_days, config.etcd.backup.retention_days
    if former_days is not None and former_days != days:
        says = "Snapshots older than that are deleted within a day" if days < former_days else ""
        found += note("etcd.backup.retention", f"{former_days}d", f"{days}d", says)
    found += keep(standing, config) + api_server(standing, config, who)
    return found + _artifacts(standing, wanted.get("artifacts"), who)


def release(standing: Standing, config: StackConfig, agent: str) -> Findings:
    """Another release of this program changes every master, with the same config.

    `agent` is the sha256 of what machines run, empty where it isn't known.
    """
    who = staying(standing, config)
    known = [master for master in standing.masters if master.agent]
    wanted = machine_config(config).to_fields()
    others = wanted.keys() - JUDGED - {"artifacts", "snapshotKeep"}
    changed = [
        master
        for master in known
        if (agent and master.agent != agent)
        or (master.startup_script and master.startup_script != STARTUP_SCRIPT)
        or any(master.settings.get(key) != wanted[key] for key in others)
    ]
    if not changed:
        return NOTHING
    former = tuple(sorted({master.agent[:12] for master in changed}))
    return note(
        "the masters' agent",
        former[0] if len(former) == 1 else former,
        agent[:12],
        reach=Reach.TAKEN_OVER,
        masters=who,
    )


def certificates(standing: Standing, config: StackConfig, now: datetime) -> Findings:
    """An update renews what is in its last days."""
    due = sorted(name for name, when in standing.renewals.items() if when <= now)
    if not due:
        return NOTHING
    some = due[0] if len(due) == 1 else f"{len(due)} certificates"
    who = staying(standing, config)
    shared = any(name.startswith("pki-") and name != "pki-admin-cert" for name in due)
    own = tuple(identity for identity in who if any(name.startswith(f"{identity}-") for name in due))
    return note(
        some,
        "in its last days" if len(due) == 1 else "in their last days",
        "renewed",
        reach=Reach.TAKEN_OVER,
        masters=who if shared else own,
    )


def _authorized(standing: Standing, config: StackConfig) -> Findings:
    """The firewall's sources are the authorized networks and the cluster's own ranges, in one list."""
    if standing.sources is None:
        return NOTHING
    spec = config.network
    own = {spec.subnet_range, spec.pod_range, standing.subnet_range, *standing.settings("podRange")}
    former = sorted(standing.sources - own)
    wanted = sorted(set(config.api.authorized_networks) - own)
    if former == wanted:
        return NOTHING
    says = "Who is no longer named loses the API at once" if set(former) - set(wanted) else ""
    return note("api.authorizedNetworks", former, wanted, says)


def _artifacts(standing: Standing, wanted: object, who: tuple[str, ...]) -> Findings:
    known = [master for master in standing.masters if master.settings]
    different = [master for master in known if master.settings.get("artifacts") != wanted]
    if not different:
        return NOTHING
    was, will = pinned(different[0].settings.get("artifacts")), pinned(wanted)
    if not was or not will:
        says = "" if will else "The machines' image must hold all of that already"
        return note(
            "artifacts",
            sorted(was) or Missing,
            sorted(will) or Missing,
            says,
            reach=Reach.TAKEN_OVER,
            masters=who,
        )
    found = NOTHING
    for name in sorted(was.keys() | will.keys()):
        if was.get(name) != will.get(name):
            found += note(
                f"artifacts.{name}", was.get(name), will.get(name), reach=Reach.TAKEN_OVER, masters=who
            )
    return found


def pinned(artifacts: object) -> dict[str, str]:
    """Returns the pinned artifacts by key; a digest is cut to its beginning, which is what people compare."""
    if not isinstance(artifacts, Mapping):
        return {}
    found = {"mirror": str(artifacts.get("mirror", ""))}
    for part, prefix in (("binaries", ""), ("archives", ""), ("images", "images.")):
        for each in artifacts.get(part, ()):
            path = str(each.get("path") or "")
            if path.startswith("https://"):  # Of the address, what people know the file by.
                path = path.rpartition("/")[2]
            file = f"{path}@{each['sha256'][:DIGITS]}" if path else ""
            reference = DIGEST.sub(r"\1", str(each.get("image", "")))
            name = "cniPlugins" if each["name"] == CNI_PLUGINS else each["name"]
            found[f"{prefix}{name}"] = " in ".join(filter(None, (reference, file)))
    return found


def _unit(key: str, value: int) -> object:
    """Returns a duration as the config has it, and any other number as it is."""
    return f"{value // 60}m" if key == "etcd.backup.interval" and value % 60 == 0 else value
