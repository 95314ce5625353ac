"""A whole master without a machine, as the tests of its control plane set it up and look at it."""

from __future__ import annotations

import ssl
from pathlib import Path

from node.contract.secret_files import NEEDED
from node.host import paths
from node.host.files import under, write
from node.host.web import WebError, request
from node.manifests import apiserver, controllers
from node.manifests.files import configuration
from tests.node.agent.certificates import ClusterTrust
from tests.node.agent.kubelet import moved
from tests.node.agent.world import Replica, World

PODS = (apiserver.POD, controllers.CONTROLLER_MANAGER, controllers.SCHEDULER)


def serving(world: World, replica: Replica, programs: Path) -> ClusterTrust:
    """Equips it and boots it with the control plane that lies in the folder `programs`, and waits until it serves that."""
    trust = equip(replica)
    replica.boot({name: programs / name for name in PODS})
    world.wait("it serves what was asked", lambda: reported(world) == "hash")
    return trust


def equip(replica: Replica) -> ClusterTrust:
    """Returns the cluster's authorities, which issue more if they are asked."""
    machine = replica.machine()
    trust = ClusterTrust()
    files = trust.files(machine.node_name, machine.address, machine.api_address)
    here = {file.name for file in under(replica.root, paths.SECRETS).iterdir()}
    assert here | files.keys() == NEEDED
    for name, content in files.items():
        write(under(replica.root, paths.secret(name)), content, 0o600)
    configure(replica)
    return trust


def configure(replica: Replica) -> None:
    """Writes what bootstrap would, for what the replica is asked now."""
    files = under(replica.root, paths.SECRETS).iterdir()
    secret = {file.name: file.read_text() for file in files if file.suffix in (".crt", ".key")}
    for file in configuration(replica.machine(), secret):
        write(under(replica.root, file.path), moved(file.text, replica.root), file.mode)


def anonymous(replica: Replica, path: str) -> int:
    context = ssl.create_default_context(cafile=str(under(replica.root, paths.secret("ca.crt"))))
    try:
        return request("GET", f"{replica.machine().api_url}{path}", context=context).status
    except WebError as error:
        return error.status


def reported(world: World) -> str:
    status = world.status("m1-b")
    return status.config_hash if status and status.phase == "serving" else ""
