"""Google's cloud controller manager: a static pod on each master where it is asked for; one of them acts, elected.

It serves Services of type LoadBalancer and does nothing else (`CONTROLLERS`): Nodes come and go by the leader's agent, pods
have their ranges from the VPC, and no kubelet waits for a cloud provider, so no Node is tainted for one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from node.contract import ports
from node.contract.authorities import CLUSTER
from node.contract.cloud_controller import NAME, CloudController
from node.contract.metadata import Machine
from node.host import paths
from node.manifests.pod import Mount, Pod, Probe, flags, static_pod

CONTROLLERS: Final = "service-lb-controller"
"""By its name in k8s.io/cloud-provider/names. The others of that program are off: cloud-node-controller and
cloud-node-lifecycle-controller, node-route-controller, and those that the official image adds to them.
"""


def cloud_controller_pod(machine: Machine, cloud: CloudController) -> Pod:
    """It asks the local apiserver as the controller manager does, whose certificate may do one thing more where this pod is
    asked for (`components.base_addons.cloud_controller`): keep this one's lease. All else is done by the tokens of service
    accounts with few rights, `service-controller` and `cloud-provider`, as `use-service-account-credentials` has it.

    Names of flags: k8s.io/cloud-provider/options, 1.34 to 1.37.
    """
    kubeconfig = paths.kubeconfig("controller-manager")
    values: dict[str, str | int | bool] = {
        "allocate-node-cidrs": False,
        "authentication-kubeconfig": kubeconfig,
        "authorization-kubeconfig": kubeconfig,
        "bind-address": machine.loopback,
        "cloud-config": paths.CLOUD_CONFIG,
        "cloud-provider": "gce",
        "cluster-name": machine.cluster,
        "configure-cloud-routes": False,
        "controllers": CONTROLLERS,
        "kubeconfig": kubeconfig,
        "leader-elect": True,
        "profiling": False,
        "secure-port": ports.CLOUD_CONTROLLER,
        "use-service-account-credentials": True,
    }
    live = Probe(machine.loopback, ports.CLOUD_CONTROLLER, "/healthz")
    start = replace(live, period_seconds=5, failures=60)
    return static_pod(
        NAME,
        cloud.image,
        [f"/{NAME}", *flags(values)],
        [Mount(paths.SECRETS), Mount(paths.CLOUD_CONFIG, kind="File"), Mount("/etc/ssl/certs")],
        {"livenessProbe": live, "startupProbe": start},
        cpu="50m",
        reads=machine.authorities.only(CLUSTER).to_text() + cloud_config(machine, cloud),
    )


def cloud_config(machine: Machine, cloud: CloudController) -> str:
    """Returns the text of `gce.conf` (cloud-provider-gcp, providers/gce/gce.go, `ConfigGlobal`).

    With `node-tags` firewall rules aim at the workers' tag, without a look at any VM. `node-instance-prefix` keeps lists of
    VMs to the cluster's. `regional` and `multizone`: all zones of the region.
    """
    values = {
        "project-id": cloud.project,
        "network-name": cloud.network,
        "subnetwork-name": cloud.subnetwork,
        "local-zone": machine.zone,
        "node-tags": cloud.node_tag,
        "node-instance-prefix": f"{machine.cluster}-",
        "regional": "true",
        "multizone": "true",
        **({"api-endpoint": f"{cloud.endpoint}/compute/v1/"} if cloud.endpoint else {}),
    }
    return "[global]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
