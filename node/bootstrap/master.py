"""Makes a master what its metadata ask for. Bootstrap does it at each boot, the agent when metadata change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from node.bootstrap import renewal
from node.bootstrap.every_machine import Site, alone, set_up
from node.contract import bucket_layout
from node.contract.authorities import CLUSTER, SUBJECTS
from node.contract.metadata import Machine
from node.contract.secret_files import ENCRYPTION_KEYS, SERVING_CA, SERVING_CA_KEY
from node.contract.status import ReplicaStatus
from node.host import disk, known_pools, paths, secret_manager
from node.host.commands import MachineError
from node.host.files import under, write
from node.host.web import WebError
from node.manifests.files import configuration
from node.manifests.kubelet import kubelet_unit
from node.manifests.units import AGENT, KUBELET, agent_unit, containerd_unit

AUTHORITY = f"{SUBJECTS[CLUSTER]}.crt"
"""The file of a replica's secret that vouches for API servers."""

_FETCHED = f"{paths.STATE}/secret-version"
_BEHIND = f"{paths.STATE}/kubelet-behind"
"""There while the kubelet may run with other files than lie here: whoever was cut off can't tell what he has changed."""
_NOT_ACTIVE = (3, 4)  # systemctl(1): not running; no such unit


def prepare(site: Site, machine: Machine, attributes: Mapping[str, Any]) -> None:
    """Sets up the whole machine, etcd's disk first. Raises as `configure` does, or OSError."""
    disk.prepare(site.root, site.commands)
    configure(site, machine, attributes)


def configure(site: Site, machine: Machine, attributes: Mapping[str, Any]) -> None:
    """Sets up everything but the data disk. Raises WebError, MachineError or FormatError; may be run again at any time,
    and by bootstrap and agent at once, who then wait for each other.
    """
    with alone(site.root):
        version, files = _secrets(site, machine)
        behind = under(site.root, _BEHIND)
        changed = behind.exists()
        write(behind, "")
        changed |= _write(site.root, machine, version, files)
        artifacts = machine.config.artifacts
        texts = {KUBELET: kubelet_unit(machine), AGENT: agent_unit()}
        set_up(site, artifacts, attributes, texts, containerd_unit(artifacts), changed=changed)
        behind.unlink()


def report(site: Site, machine: Machine, reason: str) -> None:
    """Writes nothing while the agent runs, as at a second boot: the agent meets the same failure and owns the status."""
    status = ReplicaStatus(
        machine.cluster, machine.replica, machine.instance_id, "", "failed", f"bootstrap: {reason}"
    )
    try:
        code, _ = site.commands.run("systemctl", "is-active", "--quiet", AGENT, allow=_NOT_ACTIVE)
        if code == 0:
            return
        site.bucket(machine.bucket).write(bucket_layout.status(machine.replica), status.to_json().encode())
    except (WebError, MachineError, KeyError) as error:
        print(f"ha-masters: the reason can't be told to the bucket: {error}", flush=True)


def _secrets(site: Site, machine: Machine) -> tuple[str, dict[str, str]]:
    """Version and files of the replica's secret: as metadata name it, or newer; see `node.bootstrap.renewal`."""
    try:
        fetched = secret_manager.fetch(site.endpoints.secret_manager, machine.secret, site.metadata)
    except WebError as error:
        version, files = installed(site.root)
        if not version or not renewal.same_or_newer(version, machine.secret):
            raise MachineError(f"the replica's keys can't be fetched: {error}") from None
        site.say(f"goes on with the keys that are here: {error}")
        return version, files
    return renewal.newest_if_expired(
        site.endpoints.secret_manager, site.metadata, machine.secret, fetched, site.say
    )


def installed(root: Path) -> tuple[str, dict[str, str]]:
    """Version and files of the secret as they lie on this machine; an empty version if none do."""
    known = under(root, _FETCHED)
    if not known.exists():
        return "", {}
    names = json.loads(under(root, f"{paths.STATE}/secret-files.json").read_text())
    return known.read_text(), {name: under(root, paths.secret(name)).read_text() for name in names}


def renew(site: Site, machine: Machine, attributes: Mapping[str, Any]) -> bool:
    """Returns whether this machine took newer keys than its metadata name, because its own have expired or are about to.
    Raises as `configure` does.
    """
    version, files = installed(site.root)
    if not version or not renewal.is_due(files):
        return False
    manager = site.endpoints.secret_manager
    newest, _ = renewal.newest_if_expired(manager, site.metadata, version, files, site.say)
    if newest == version:
        return False
    configure(site, machine, attributes)
    return True


def _forget(root: Path, files: Mapping[str, str]) -> None:
    """A key that the secret has no longer is of no use here, and no machine keeps it."""
    if SERVING_CA not in files:
        for path in (paths.KUBELET_AUTHORITIES, paths.secret(SERVING_CA), paths.secret(SERVING_CA_KEY)):
            under(root, path).unlink(missing_ok=True)


def _write(root: Path, machine: Machine, version: str, files: Mapping[str, str]) -> bool:
    """Returns whether what the kubelet reads once has changed: its configuration, or whom it trusts to be the API. Users of
    the other files read them again by themselves, or are pods whose manifests change with them.
    """
    folder = under(root, paths.SECRETS)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _forget(root, files)
    changed = False
    for name, content in files.items():
        differs = write(under(root, paths.secret(name)), content, 0o600)
        changed |= differs and name == AUTHORITY
    if absent := [name for name in ENCRYPTION_KEYS[:1] if name not in files]:
        raise MachineError(f"the replica's secret lacks {', '.join(absent)}")
    for file in configuration(machine, files, known_pools.known(root)):
        differs = write(under(root, file.path), file.text, file.mode)
        changed |= differs and file.path == paths.KUBELET_CONFIG
    write(under(root, f"{paths.STATE}/secret-files.json"), json.dumps(sorted(files)) + "\n", 0o600)
    write(under(root, _FETCHED), version, 0o600)
    return changed
