"""The controller manager's and the scheduler's static pods: one of each acts, elected; all talk to the local apiserver."""

from __future__ import annotations

from typing import Final

from node.contract.authorities import CLUSTER, FRONT_PROXY, SERVICE_ACCOUNTS, Authorities
from node.contract.metadata import Machine
from node.contract.secret_files import SERVING_CA, SERVING_CA_KEY
from node.host import paths
from node.manifests.pod import Mount, Pod, Probe, flags, static_pod

CONTROLLER_MANAGER: Final = "kube-controller-manager"
SCHEDULER: Final = "kube-scheduler"

_CONTROLLER_MANAGER_PORT = 10257
_SCHEDULER_PORT = 10259


NO_ROUTES_SINCE: Final = (1, 37)
"""From this minor on the controller manager knows no node-route-controller, and refuses to start where one is named
(`newNodeRouteControllerDescriptor` of cmd/kube-controller-manager/app/core.go is gone). Before, it does nothing (KEP-2395).
"""

SIGNER: Final = "certificatesigningrequest-signing-controller"
SERVING_DURATION: Final = "720h"
"""Of a worker's serving certificate, which its kubelet renews when about a fifth of it is left; each time it is looked at
anew whether the VM is still what it was.
"""


def controller_manager_pod(machine: Machine, *, signs_kubelets: bool = False) -> Pod:
    """It signs no certificates, for the authority's key is on no machine; but for workers' kubelets, `signs_kubelets`, by
    an authority that is good for nothing else. Where files of one signer are given, it has no other
    (cmd/kube-controller-manager/app/certificates.go). Pods have their ranges from the VPC.
    """
    secret, kubeconfig = paths.secret, paths.kubeconfig("controller-manager")
    signer = {
        "cluster-signing-duration": SERVING_DURATION,
        "cluster-signing-kubelet-serving-cert-file": secret(SERVING_CA),
        "cluster-signing-kubelet-serving-key-file": secret(SERVING_CA_KEY),
    }
    return _pod(
        machine,
        CONTROLLER_MANAGER,
        {
            "allocate-node-cidrs": False,
            "authentication-kubeconfig": kubeconfig,
            "authorization-kubeconfig": kubeconfig,
            "bind-address": machine.loopback,
            "client-ca-file": secret("ca.crt"),
            "cluster-cidr": machine.config.pod_range,
            "cluster-name": machine.cluster,
            **(signer if signs_kubelets else {}),
            "controllers": _controllers(machine, signs_kubelets=signs_kubelets),
            "kubeconfig": kubeconfig,
            "leader-elect": True,
            "profiling": False,
            "requestheader-client-ca-file": secret("front-proxy-ca.crt"),
            "root-ca-file": secret("ca.crt"),
            "secure-port": _CONTROLLER_MANAGER_PORT,
            "service-account-private-key-file": secret("service-account.key"),
            "service-cluster-ip-range": machine.config.service_range,
            "use-service-account-credentials": True,
        },
        _CONTROLLER_MANAGER_PORT,
        "/healthz",
        "200m",
        machine.authorities.only(CLUSTER, FRONT_PROXY, SERVICE_ACCOUNTS),
    )


def _controllers(machine: Machine, *, signs_kubelets: bool) -> str:
    major, minor, _ = machine.config.kubernetes_version.split(".", 2)
    routes = () if (int(major), int(minor)) >= NO_ROUTES_SINCE else ("-node-route-controller",)
    signer = () if signs_kubelets else (f"-{SIGNER}",)
    return ",".join(("*", "bootstrapsigner", "tokencleaner", "-node-ipam-controller", *routes, *signer))


def scheduler_pod(machine: Machine) -> Pod:
    kubeconfig = paths.kubeconfig("scheduler")
    return _pod(
        machine,
        SCHEDULER,
        {
            "authentication-kubeconfig": kubeconfig,
            "authorization-kubeconfig": kubeconfig,
            "bind-address": machine.loopback,
            "kubeconfig": kubeconfig,
            "leader-elect": True,
            "profiling": False,
            "secure-port": _SCHEDULER_PORT,
        },
        _SCHEDULER_PORT,
        "/livez",
        "100m",
        machine.authorities.only(CLUSTER),
    )


def _pod(
    machine: Machine,
    name: str,
    values: dict[str, str | int | bool],
    port: int,
    path: str,
    cpu: str,
    trusted: Authorities,
) -> Pod:
    """`trusted`: whose generations start it anew. Of a kubeconfig, a client reads its own certificate again, and its
    server's authority once.
    """
    live = Probe(machine.loopback, port, path)
    start = Probe(machine.loopback, port, path, period_seconds=5, failures=60)
    return static_pod(
        name,
        machine.config.image(name),
        [name, *flags(values)],
        [Mount(paths.SECRETS), Mount("/etc/ssl/certs")],
        {"livenessProbe": live, "startupProbe": start},
        cpu=cpu,
        reads=trusted.to_text(),
    )
