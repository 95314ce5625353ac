"""The `kubernetes` service's one endpoint, put back when an apiserver that stops has taken it away.

All apiservers advertise the cluster's address, so they share one lease key of the lease reconciler. One that stops in order
removes that key and writes an empty list (pkg/controlplane/reconcilers/lease.go, `RemoveEndpoints`), and clients in the
cluster find nobody until another's next round, 10 s at most. What belongs there never changes, so whoever sees it missing
writes it; the reconcilers agree.
"""

from __future__ import annotations

from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.contract.metadata import Machine
from node.host.rest import Object

ENDPOINTS = "/api/v1/namespaces/default/endpoints/kubernetes"
SLICE = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes"


def keep(client: ApiserverClient, machine: Machine) -> bool:
    """Returns whether anything was missing. Makes no missing object: the apiserver does. Raises WebError."""
    port = {"name": "https", "port": machine.config.api_port, "protocol": "TCP"}
    subsets = [{"addresses": [{"ip": machine.api_address}], "ports": [port]}]
    endpoints = [{"addresses": [machine.api_address], "conditions": {"ready": True}}]
    mended = _keep(client, ENDPOINTS, "subsets", {"subsets": subsets})
    return _keep(client, SLICE, "endpoints", {"endpoints": endpoints, "ports": [port]}) or mended


def _keep(client: ApiserverClient, path: str, field: str, wanted: Object) -> bool:
    found = client.get(path)
    if found is None or found.get(field):
        return False
    client.merge(path, wanted)
    return True
