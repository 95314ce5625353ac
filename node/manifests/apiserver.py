"""kube-apiserver's static pod."""

from __future__ import annotations

from typing import Final

from node.contract import ports, timings
from node.contract.api_server import SERVICE_ACCOUNT_ISSUER, ApiServer
from node.contract.authorities import CLUSTER, ETCD_CLIENTS, FRONT_PROXY, SERVICE_ACCOUNTS
from node.contract.metadata import Machine
from node.host import paths
from node.manifests.apiserver_files import audit_policy, authentication
from node.manifests.pod import Mount, Pod, Probe, flags, static_pod, text

POD: Final = "kube-apiserver"

TRUSTED: Final = (CLUSTER, ETCD_CLIENTS, FRONT_PROXY, SERVICE_ACCOUNTS)
"""Whose generations start it anew: it follows its clients' authorities by itself, and neither etcd's, nor kubelets', nor
the keys of tokens.
"""


def apiserver_pod(machine: Machine, *, signs_kubelets: bool = False) -> Pod:
    """Names of flags hold for 1.34 to 1.37 (cmd/kube-apiserver, `--help`).

    - `signs_kubelets`: of workers' kubelets another authority vouches than of masters', and of nobody else.

    - `advertise-address` is the cluster's address, so that the `kubernetes` service points at what outlives any replica;
      with the lease reconciler, leases of several apiservers share that one endpoint.
    - API server identity is on by default and by no flag: gate APIServerIdentity, beta since 1.26. One lease each in
      kube-system, labelled `apiserver.kubernetes.io/identity=kube-apiserver`.
    - Who asks without a name may see `/readyz`, `/livez` and `/healthz` only, by the authentication configuration:
      Google's health check has no certificate.
    - `enable-aggregator-routing`: webhooks and aggregated APIs are asked at their pods' own addresses, which the VPC routes;
      no kube-proxy on a master makes a Service's address reachable.
    - What the operator asks for comes beside the program's own: plugins beside NodeRestriction, users of OIDC issuers beside
      the anonymous ones of the health check.
    - `goaway-chance` spreads long-lived connections when a master joins or comes back.
    """
    port, secret, asked = machine.config.api_port, paths.secret, machine.api_server
    command = [
        "kube-apiserver",
        *flags(
            {
                "advertise-address": machine.api_address,
                "allow-privileged": True,
                "audit-log-maxage": asked.audit_max_age_days,
                "audit-log-maxbackup": asked.audit_max_backups,
                "audit-log-maxsize": asked.audit_max_size_mb,
                "audit-log-path": f"{paths.AUDIT_LOGS}/audit.log",
                "audit-policy-file": paths.AUDIT_POLICY,
                "authentication-config": paths.AUTHENTICATION,
                "authorization-mode": "Node,RBAC",
                "client-ca-file": secret("ca.crt"),
                **(
                    {"disable-admission-plugins": ",".join(asked.disabled_plugins)}
                    if asked.disabled_plugins
                    else {}
                ),
                "enable-admission-plugins": ",".join(("NodeRestriction", *asked.enabled_plugins)),
                "enable-aggregator-routing": True,
                "enable-bootstrap-token-auth": True,
                "encryption-provider-config": paths.ENCRYPTION,
                "encryption-provider-config-automatic-reload": True,
                "endpoint-reconciler-type": "lease",
                "etcd-cafile": secret("etcd-client-ca.crt"),
                "etcd-certfile": secret("etcd-client.crt"),
                "etcd-keyfile": secret("etcd-client.key"),
                "etcd-servers": f"https://{machine.loopback}:{ports.ETCD_CLIENT}",
                "goaway-chance": "0.001",
                "kubelet-certificate-authority": paths.KUBELET_AUTHORITIES
                if signs_kubelets
                else secret("ca.crt"),
                "kubelet-client-certificate": secret("apiserver-kubelet-client.crt"),
                "kubelet-client-key": secret("apiserver-kubelet-client.key"),
                "kubelet-preferred-address-types": "InternalIP,Hostname",
                "profiling": False,
                "proxy-client-cert-file": secret("front-proxy.crt"),
                "proxy-client-key-file": secret("front-proxy.key"),
                "requestheader-allowed-names": "front-proxy-client",
                "requestheader-client-ca-file": secret("front-proxy-ca.crt"),
                "requestheader-extra-headers-prefix": "X-Remote-Extra-",
                "requestheader-group-headers": "X-Remote-Group",
                "requestheader-username-headers": "X-Remote-User",
                "secure-port": port,
                "service-account-issuer": SERVICE_ACCOUNT_ISSUER,
                "service-account-key-file": secret("service-account.pub"),
                "service-account-signing-key-file": secret("service-account.key"),
                "service-cluster-ip-range": machine.config.service_range,
                "shutdown-delay-duration": f"{timings.APISERVER_DRAIN}s",
                "shutdown-send-retry-after": True,
                "tls-cert-file": secret("apiserver.crt"),
                "tls-private-key-file": secret("apiserver.key"),
                **({"v": asked.log_level} if asked.log_level else {}),
            }
        ),
    ]
    live = Probe(machine.address, port, "/livez")
    ready = Probe(machine.address, port, "/readyz", period_seconds=1, failures=3)
    start = Probe(machine.address, port, "/livez", period_seconds=5, failures=60)
    return static_pod(
        POD,
        machine.config.image(POD),
        command,
        [
            Mount(paths.SECRETS),
            Mount(paths.CONFIG),
            Mount("/etc/ssl/certs"),
            Mount(paths.AUDIT_LOGS, writable=True),
        ],
        {"livenessProbe": live, "readinessProbe": ready, "startupProbe": start},
        cpu="250m",
        grace_seconds=timings.APISERVER_GRACE,
        reads=_read_once(asked) + machine.authorities.only(*TRUSTED).to_text(),
    )


def _read_once(asked: ApiServer) -> str:
    """Returns the text of what kube-apiserver is to read when it starts; empty where all is the program's own.

    It follows a changed authentication configuration by itself, within a minute and without a word where it can't
    (kubernetes/pkg/kubeapiserver/options/authentication.go), and an audit policy not at all: so both start it anew.
    So do other encryption keys, which it follows within a minute too (apiserver/pkg/server/options/encryptionconfig): the
    next master must not write by a key that this one doesn't read by yet.
    """
    files = ""
    if asked.issuers or asked.audit_policy is not None:
        files = text(authentication(asked.issuers)) + text(audit_policy(asked.audit_policy))
    own = asked.encryption_keys == ApiServer().encryption_keys
    return files if own else f"{files}{asked.encryption_keys}"
