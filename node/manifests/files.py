"""All files of a machine but its pods and secrets: path to text and mode, as bootstrap writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from node.contract.metadata import Machine
from node.contract.secret_files import ENCRYPTION_KEYS
from node.host import paths
from node.manifests import apiserver_files, cni, kubeconfigs, kubelet
from node.manifests.pod import text


@dataclass(frozen=True)
class File:
    path: str
    text: str
    mode: int = 0o644


def configuration(machine: Machine, secret: Mapping[str, str]) -> list[File]:
    """`secret` is the replica's, file name to content. Raises ValueError for one without an encryption key."""
    asked = machine.api_server
    keys = [secret[name] for name in ENCRYPTION_KEYS if name in secret]
    files = [
        File(paths.ENCRYPTION, text(apiserver_files.encryption(keys)), 0o600),
        File(paths.AUTHENTICATION, text(apiserver_files.authentication(asked.issuers))),
        File(paths.AUDIT_POLICY, text(apiserver_files.audit_policy(asked.audit_policy))),
        File(paths.KUBELET_CONFIG, text(kubelet.kubelet_config(machine))),
    ]
    for component in kubeconfigs.COMPONENTS:
        files.append(
            File(paths.kubeconfig(component), text(kubeconfigs.kubeconfig(machine, component)), 0o600)
        )
    if machine.pod_range:
        files.append(File(cni.PATH, text(cni.network(machine.pod_range))))
    return files
