"""What clusters with workers run: kube-proxy on each node, the cluster's DNS and metrics-server on workers, on masters
cluster-autoscaler; and the rights of what masters run for workers. Pure functions.

    objects(images, api, pod_range, dns_address, nodes) -> the objects, in the order in which they are applied

Masters apply them as add-ons (`node.agent.kubernetes.addons`), so no client of Pulumi's has to reach the API, and what
somebody deletes is there again within half a minute.
"""

from components.base_addons.all_objects import (
    CLUSTER_AUTOSCALER,
    COREDNS,
    KUBE_PROXY,
    METRICS_SERVER,
    objects,
)
from components.base_addons.cluster_autoscaler import Scaled
from components.base_addons.pods import Api

__all__ = ["CLUSTER_AUTOSCALER", "COREDNS", "KUBE_PROXY", "METRICS_SERVER", "Api", "Scaled", "objects"]
