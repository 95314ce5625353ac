"""`cloud-controller` of a VM's metadata: what masters run Google's cloud controller manager with, where it is asked for.

    {"image": "registry.k8s.io/…@sha256:…", "network": "dev", "nodeTag": "dev-worker", "project": "p1",
     "subnetwork": "dev-masters"}

An attribute of its own, as `api-server` is: an agent of a release that doesn't know it follows the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from node.contract.fields import attribute, canonical

NAME: Final = "cloud-controller-manager"

EXCLUDED: Final = "node.kubernetes.io/exclude-from-external-load-balancers"
"""The label of Nodes that no load balancer of a Service's sends to: masters, whose firewall stays closed for it, and which
are in groups of the API's own load balancer. https://kubernetes.io/docs/reference/labels-annotations-taints/.
"""


@dataclass(frozen=True)
class CloudController:
    """`node_tag` is the network tag that firewall rules of load balancers aim at: the workers'. `endpoint` is no part of the
    attribute: where Compute Engine answers, if not at Google's own address.
    """

    image: str
    project: str
    network: str
    subnetwork: str
    node_tag: str
    endpoint: str = ""

    def to_text(self) -> str:
        return canonical(
            {
                "image": self.image,
                "network": self.network,
                "nodeTag": self.node_tag,
                "project": self.project,
                "subnetwork": self.subnetwork,
            }
        )

    @classmethod
    def parse(cls, text: str, endpoint: str = "") -> Self | None:
        """Returns None without a text: masters then run none. Raises FormatError."""
        if not text:
            return None
        fields = attribute("cloud-controller", text)
        found = cls(
            fields.text("image"),
            fields.text("project"),
            fields.text("network"),
            fields.text("subnetwork"),
            fields.text("nodeTag"),
            endpoint,
        )
        fields.close()
        return found
