"""What every cluster with workers runs: kube-proxy on each node, and the cluster's DNS on workers; and the rights of what
masters run for workers. Pure functions.

    objects(images, api, pod_range, dns_address, nodes) -> the objects, in the order in which they are applied

Masters apply them as add-ons (`node.agent.kubernetes.addons`), so no client of Pulumi's has to reach the API, and what
somebody deletes is there again within half a minute.
"""

from components.base_addons.all_objects import COREDNS, KUBE_PROXY, objects
from components.base_addons.kube_proxy import Api

__all__ = ["COREDNS", "KUBE_PROXY", "Api", "objects"]
