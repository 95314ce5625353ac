"""The authority of etcd's members is rotated under real members: those of two issuers talk to each other."""

from __future__ import annotations

import socket
import ssl
from functools import partial

import pytest

from node.contract import ports
from node.contract.authorities import Authorities
from node.host import paths
from node.host.files import under, write
from node.host.issuers import named
from tests.node.agent.certificates import CLIENT, SERVER, Authority
from tests.node.agent.world import ADDRESSES, REAL_PROGRAMS, Replica, World

pytestmark = [*REAL_PROGRAMS, pytest.mark.slow]

MASTERS = ("m1-b", "m2-b", "m3-b")
BUNDLE = "etcd-peer-ca.crt"


def take_over(
    world: World, name: str, stage: str, generations: tuple[int, ...], files: dict[str, str]
) -> None:
    """One master, as `pulumi up` has it: the next only once this one runs so, and all are well."""
    replica = world.replica(name)
    for file, content in files.items():
        write(under(replica.root, paths.secret(file)), content, 0o600)
    replica.authorities = Authorities.made({"etcdPeers": generations})
    replica.agent.reconfigure(replica.machine(stage))
    world.wait(f"{name} runs with {generations}", lambda: runs(world, name) == stage)
    world.wait("all are well", lambda: world.voters() == set(MASTERS))
    world.put(name, stage, name)


def written(world: World, name: str, key: str, value: str) -> bool:
    """By a quorum's word, asked of one member."""
    return world.get(name, key) == value


def runs(world: World, name: str) -> str:
    status = world.status(name)
    return status.config_hash if status else ""


def issuer(replica: Replica) -> str:
    """Who has issued what a member shows to its peers."""
    folder = under(replica.root, paths.SECRETS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(folder / "etcd-peer.crt", folder / "etcd-peer.key")
    with (
        socket.create_connection((replica.address, ports.ETCD_PEER), timeout=5) as plain,
        context.wrap_socket(plain) as secured,
    ):
        der = secured.getpeercert(binary_form=True)
    assert der is not None
    return named(ssl.DER_cert_to_PEM_cert(der))[0].issuer


def leaf(authority: Authority, name: str) -> dict[str, str]:
    certificate, key = authority.issue(name, [SERVER, CLIENT], [name], sorted(ADDRESSES.values()))
    return {"etcd-peer.crt": certificate, "etcd-peer.key": key}


def test_members_of_two_issuers_talk_and_the_former_goes(world: World) -> None:
    world.ask_for(*MASTERS)
    for name in MASTERS:
        world.replica(name).boot()
    world.wait("three vote", lambda: world.voters() == set(MASTERS))
    former = under(world.replica("m1-b").root, paths.secret(BUNDLE)).read_text()
    second = Authority("dev-etcd-peer-ca-2")

    for name in MASTERS:
        take_over(world, name, "trust", (1, 2), {BUNDLE: former + second.pem})
    take_over(world, "m1-b", "issue", (2, 1), leaf(second, "m1-b"))
    assert [issuer(world.replica(name)) for name in MASTERS] == ["dev-etcd-peer-ca-2", "peers", "peers"]
    for name in ("m2-b", "m1-b"):  # Each dials and is dialled anew.
        world.replica(name).restart("etcd")
        world.wait("it is back", partial(written, world, name, "issue", "m1-b"))
    world.wait("all are well", lambda: world.voters() == set(MASTERS))

    for name in MASTERS[1:]:
        take_over(world, name, "issue", (2, 1), leaf(second, name))
    for name in MASTERS:
        take_over(world, name, "distrust", (2,), {BUNDLE: second.pem})
    world.wait("it is read", partial(written, world, "m1-b", "distrust", "m3-b"))
