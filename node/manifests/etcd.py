"""etcd's static pod. What differs from member to member is how it begins: `Beginning`, the agent's join decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from node.contract import ports
from node.contract.authorities import ETCD_CLIENTS, ETCD_PEERS
from node.contract.metadata import Machine
from node.contract.peers import peer_url
from node.host import paths
from node.manifests.pod import NODE_CRITICAL, Mount, Pod, Probe, flags, static_pod

POD: Final = "etcd"

LONE_CLIENT_PORT: Final = 12379
LONE_PEER_PORT: Final = 12380


@dataclass(frozen=True)
class Beginning:
    """What etcd reads on an empty disk only; with data it must still parse and name the member itself.

    `cluster` is `name=peer URL` of each, in the order of names. `token` makes cluster ids differ where names and
    addresses don't: a creation that was taken over must not look like the first one.
    """

    state: Literal["new", "existing"]
    cluster: tuple[str, ...]
    token: str = "existing"  # noqa: S105
    lone: bool = False
    """Once, to read what the only disk that is left holds: as its sole member whatever the data say, and heard of by the
    agent alone, on loopback and at ports of its own.
    """

    @classmethod
    def new(cls, machine: Machine) -> Beginning:
        return cls("new", (_own(machine),), f"{machine.cluster}-{machine.instance_id}")

    @classmethod
    def join(cls, machine: Machine, others: Sequence[tuple[str, str]]) -> Beginning:
        """`others` are the name and peer URL of every member but this one."""
        listed = [*(f"{name}={url}" for name, url in others), _own(machine)]
        return cls("existing", tuple(sorted(listed)))

    @classmethod
    def with_data(cls, machine: Machine) -> Beginning:
        return cls("existing", (_own(machine),))

    @classmethod
    def alone(cls, machine: Machine) -> Beginning:
        return cls("existing", (_own(machine),), lone=True)

    @classmethod
    def of_pod(cls, pod: Pod) -> Beginning:
        """Returns how a pod that is already there began, so that another configuration changes nothing else."""
        command: list[str] = pod["spec"]["containers"][0]["command"]
        found = dict(argument.removeprefix("--").partition("=")[::2] for argument in command[1:])
        state: Literal["new", "existing"] = "new" if found["initial-cluster-state"] == "new" else "existing"
        cluster, token = tuple(found["initial-cluster"].split(",")), found["initial-cluster-token"]
        return cls(state, cluster, token, "force-new-cluster" in found)


def etcd_pod(machine: Machine, beginning: Beginning) -> Pod:
    """Clients and peers by mTLS only; metrics and probes without, on loopback only.

    `client-cert-file` is for the JSON gateway inside etcd, which dials etcd's own port: with the serving certificate,
    which names no use as a client, etcd would refuse itself (server/embed/serve.go).

    The probes are etcd 3.6's `/livez` and `/readyz`, not `/health`: a learner has no linearizable reads to offer, so by
    `/health` the kubelet would kill it while it catches up. `/livez` is a serializable read and holds for learners.
    """
    client, peer = f"https://{machine.address}:{ports.ETCD_CLIENT}", peer_url(machine.address)
    clients, peers = f"https://{machine.loopback}:{ports.ETCD_CLIENT},{client}", peer
    if beginning.lone:
        clients = client = f"https://{machine.loopback}:{LONE_CLIENT_PORT}"
        peers = f"https://{machine.loopback}:{LONE_PEER_PORT}"
    command = [
        "etcd",
        *flags(
            {
                "name": machine.replica,
                "data-dir": paths.ETCD_DATA,
                "listen-client-urls": clients,
                "advertise-client-urls": client,
                "listen-peer-urls": peers,
                "initial-advertise-peer-urls": peer,
                "initial-cluster": ",".join(beginning.cluster),
                "initial-cluster-state": beginning.state,
                "initial-cluster-token": beginning.token,
                "cert-file": paths.secret("etcd-server.crt"),
                "key-file": paths.secret("etcd-server.key"),
                "client-cert-file": paths.secret("etcd-client.crt"),
                "client-key-file": paths.secret("etcd-client.key"),
                "trusted-ca-file": paths.secret("etcd-client-ca.crt"),
                "client-cert-auth": True,
                "peer-cert-file": paths.secret("etcd-peer.crt"),
                "peer-key-file": paths.secret("etcd-peer.key"),
                "peer-trusted-ca-file": paths.secret("etcd-peer-ca.crt"),
                "peer-client-cert-auth": True,
                "listen-metrics-urls": f"http://{machine.loopback}:{ports.ETCD_METRICS}",
                "quota-backend-bytes": machine.config.etcd_quota_bytes,
                "snapshot-count": 10_000,
                "auto-compaction-retention": 0,  # the apiserver compacts
                "feature-gates": "InitialCorruptCheck=true",
                "watch-progress-notify-interval": "5s",
                **({"force-new-cluster": True} if beginning.lone else {}),
            }
        ),
    ]
    live = Probe(machine.loopback, ports.ETCD_METRICS, "/livez", "HTTP")
    ready = Probe(machine.loopback, ports.ETCD_METRICS, "/readyz", "HTTP", period_seconds=1, failures=3)
    start = Probe(machine.loopback, ports.ETCD_METRICS, "/livez", "HTTP", period_seconds=5, failures=120)
    return static_pod(
        POD,
        machine.config.image("etcd"),
        command,
        [
            Mount(paths.ETCD_DATA, writable=True, kind="Directory"),
            Mount(paths.SECRETS),
        ],
        {"livenessProbe": live, "readinessProbe": ready, "startupProbe": start},
        cpu="100m",
        memory="100Mi",
        priority=NODE_CRITICAL,
        reads=machine.authorities.only(ETCD_PEERS, ETCD_CLIENTS).to_text(),
    )


def _own(machine: Machine) -> str:
    return f"{machine.replica}={peer_url(machine.address)}"
