"""All objects of the base add-ons, and what they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from components.base_addons import cloud_controller, coredns, kube_proxy
from components.base_addons.kube_proxy import Api
from node.contract.base_addons import LABEL

COREDNS: Final = "coredns"
KUBE_PROXY: Final = "kube-proxy"


def objects(
    images: Mapping[str, str],
    api: Api,
    pod_range: str,
    dns_address: str,
    nodes: int,
    *,
    serves_services: bool = False,
) -> dict[str, Any]:
    """Returns a List. `images` has the references of `COREDNS` and `KUBE_PROXY`; `nodes` are all that are asked for, none
    where no worker is. `serves_services`: masters run Google's cloud controller manager, which has to have its rights.
    """
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            _labelled(each)
            for each in (
                *kube_proxy.objects(images[KUBE_PROXY], api, pod_range),
                *coredns.objects(images[COREDNS], api, dns_address, nodes),
                *(cloud_controller.objects() if serves_services else ()),
            )
        ],
    }


def _labelled(item: dict[str, Any]) -> dict[str, Any]:
    """By this label masters find again what they delete after the last pool."""
    metadata = item["metadata"]
    return {**item, "metadata": {**metadata, "labels": {**metadata.get("labels", {}), LABEL: ""}}}
