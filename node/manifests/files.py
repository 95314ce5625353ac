"""All files of a machine but its pods and secrets: path to text and mode, as bootstrap writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from node.contract.metadata import Machine
from node.contract.pools import Pools
from node.contract.secret_files import ENCRYPTION_KEYS, SERVING_CA
from node.host import paths
from node.manifests import apiserver_files, cni, kubeconfigs, kubelet, worker_authentication
from node.manifests.cloud_controller import cloud_config
from node.manifests.pod import text


@dataclass(frozen=True)
class File:
    """`path` is the machine's, absolute; `mode` as chmod takes it."""

    path: str
    text: str
    mode: int = 0o644


def configuration(machine: Machine, secret: Mapping[str, str], pools: Pools | None = None) -> list[File]:
    """`secret` is the replica's, file name to content. Raises ValueError for one without an encryption key."""
    asked = machine.api_server
    keys = [secret[name] for name in ENCRYPTION_KEYS if name in secret]
    files = [
        File(paths.ENCRYPTION, text(apiserver_files.encryption(keys)), 0o600),
        authentication(machine, secret["etcd-client-ca.crt"] if pools else "", pools),
        File(paths.AUDIT_POLICY, text(apiserver_files.audit_policy(asked.audit_policy))),
        File(paths.KUBELET_CONFIG, text(kubelet.kubelet_config(machine)), 0o600),
    ]
    for component in kubeconfigs.COMPONENTS:
        files.append(
            File(paths.kubeconfig(component), text(kubeconfigs.kubeconfig(machine, component)), 0o600)
        )
    if machine.pod_range:
        files.append(File(cni.PATH, text(cni.network(machine.pod_range)), 0o600))
    if machine.cloud_controller:
        files.append(File(paths.CLOUD_CONFIG, cloud_config(machine, machine.cloud_controller)))
    if SERVING_CA in secret:
        files.append(File(paths.KUBELET_AUTHORITIES, secret["ca.crt"] + secret[SERVING_CA]))
    return files


def authentication(machine: Machine, authority: str, pools: Pools | None) -> File:
    """Returns the one file that the agent writes too, each time that pools come or go. `authority` is etcd's for its
    clients, which vouches for the agent on loopback.
    """
    workers = (
        worker_authentication.worker_jwt(pools, machine.loopback, authority)
        if pools and worker_authentication.groups(pools)
        else None
    )
    return File(
        paths.AUTHENTICATION, text(apiserver_files.authentication(machine.api_server.issuers, workers))
    )
