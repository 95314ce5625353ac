"""What a stage of a rotation does, and what breaks for whom outside of the masters, who take care of themselves."""

from __future__ import annotations

from components.standing.stages import Numbers
from node.contract.authorities import CLUSTER, ETCD_CLIENTS, ETCD_PEERS, FRONT_PROXY, SERVICE_ACCOUNTS

_WHO = {
    CLUSTER: "Masters, workers and pods",
    ETCD_PEERS: "Members of etcd",
    ETCD_CLIENTS: "Members of etcd and API servers",
    FRONT_PROXY: "API servers, and those that they aggregate,",
}
_WHAT = {
    CLUSTER: "certificates of masters and kubeconfigs",
    ETCD_PEERS: "certificates of etcd's members among each other",
    ETCD_CLIENTS: "certificates of etcd's members and of their clients",
    FRONT_PROXY: "the certificate by which API servers call those that they aggregate",
}


def cost(name: str, former: Numbers, wanted: Numbers, *, pools: bool) -> str:
    """A text without its last full stop. `pools`: there are workers, whose templates hold the cluster's authority."""
    if len(wanted) > len(former):
        said = _learned(name, wanted[1], wanted[0])
    elif len(wanted) == len(former):
        said = _issues(name, wanted[0], wanted[1])
    else:
        said = _goes(name, former[1], wanted[0])
    if pools and name == CLUSTER and len(wanted) != len(former):
        said.append("Pools exchange their workers, who have whom they trust from their template")
    return ". ".join(said)


def _learned(name: str, new: int, old: int) -> list[str]:
    if name == SERVICE_ACCOUNTS:
        return [
            f"Tokens are checked by key {new} too; key {old} still signs them",
            "Whoever checks tokens outside of the cluster needs the output `serviceAccountJwks` anew before the next stage",
        ]
    said = [f"{_WHO[name]} learn to trust generation {new}; generation {old} still issues"]
    if name == CLUSTER:
        said.append(
            "Before the next stage, hand out `kubeconfig` and `kubeconfigs` anew, or their holders won't know the API, and "
            "start pods anew that read whom they trust once"
        )
    return said


def _issues(name: str, new: int, old: int) -> list[str]:
    if name == SERVICE_ACCOUNTS:
        return [
            f"Tokens are signed by key {new}; those of key {old} stay good",
            f"Before key {old} goes, start pods anew that read their token once, and replace tokens that are kept in "
            "Secrets or elsewhere",
        ]
    said = [f"Generation {new} issues {_WHAT[name]}; what generation {old} has issued stays good"]
    if name == CLUSTER:
        said.append(
            f"Whoever knows generation {old} alone doesn't know the API any more: kubeconfigs and pods from before "
            f"generation {new} was trusted. Before generation {old} goes, hand out `kubeconfig` and `kubeconfigs` once more"
        )
    return said


def _goes(name: str, old: int, new: int) -> list[str]:
    if name == SERVICE_ACCOUNTS:
        return [
            f"Key {old} is deleted, and can't be taken back: whoever still has a token of it is nobody, in Secrets, in "
            "pods that read theirs once, and outside"
        ]
    said = [f"Nobody trusts generation {old} any more; its key is deleted, and can't be taken back"]
    if name == CLUSTER:
        said.append(
            f"Kubeconfigs that it issued are refused, `api.users` included: only those from after generation {new} began to "
            "issue go on"
        )
    return said
