"""All objects of the base add-ons, and what they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from components.base_addons import cloud_controller, cluster_autoscaler, coredns, kube_proxy, metrics_server
from components.base_addons.cluster_autoscaler import Scaled
from components.base_addons.pods import Api
from node.contract.base_addons import LABEL

COREDNS: Final = "coredns"
KUBE_PROXY: Final = "kube-proxy"
METRICS_SERVER: Final = metrics_server.NAME
CLUSTER_AUTOSCALER: Final = cluster_autoscaler.NAME


def objects(
    images: Mapping[str, str],
    api: Api,
    pod_range: str,
    dns_address: str,
    nodes: int,
    *,
    kubelet_authorities: str = "",
    serves_services: bool = False,
    scaled: Sequence[Scaled] = (),
) -> dict[str, Any]:
    """Returns a List. `images` has the references of those that are run, by name; `nodes` are all that are
    asked for, none where no worker is. `kubelet_authorities` are the certificates by which metrics-server knows kubelets,
    PEM; empty where it isn't run. It isn't without workers either: while it is registered and doesn't answer, no namespace
    ends.
    `scaled` are groups whose size cluster-autoscaler chooses; it isn't run without any.
    `serves_services`: masters run Google's cloud controller manager, which has to have its rights.
    """
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            _labelled(each)
            for each in (
                *kube_proxy.objects(images[KUBE_PROXY], api, pod_range),
                *coredns.objects(images[COREDNS], api, dns_address, nodes),
                *(
                    metrics_server.objects(images[METRICS_SERVER], api, kubelet_authorities)
                    if kubelet_authorities and nodes
                    else ()
                ),
                *(
                    cluster_autoscaler.objects(images[CLUSTER_AUTOSCALER], api, scaled)
                    if scaled and nodes
                    else ()
                ),
                *(cloud_controller.objects() if serves_services else ()),
            )
        ],
    }


def _labelled(item: dict[str, Any]) -> dict[str, Any]:
    """By this label masters find again what they delete after the last pool."""
    metadata = item["metadata"]
    return {**item, "metadata": {**metadata, "labels": {**metadata.get("labels", {}), LABEL: ""}}}
