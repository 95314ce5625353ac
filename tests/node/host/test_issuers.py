"""Who is named by certificates, and by which generations whoever holds them lives."""

from __future__ import annotations

import pytest

from node.contract.authorities import LEAVES, SUBJECTS, Authorities, common_name
from node.contract.status import AuthorityView
from node.host.certificates import CertificateError
from node.host.issuers import Named, lived_by, named
from tests.node.agent.certificates import CLIENT, Authority

FIRST = {name: Authority(common_name("dev", name, 1)) for name in SUBJECTS}
SECOND = Authority(common_name("dev", "etcdPeers", 2))


def files() -> dict[str, str]:
    """All is issued by the first generations."""
    found = {f"{subject}.crt": FIRST[name].pem for name, subject in SUBJECTS.items()}
    for name, stems in LEAVES.items():
        found |= {f"{stem}.crt": FIRST[name].issue(stem, [CLIENT], [], [])[0] for stem in stems}
    return found


def test_names_of_a_bundle() -> None:
    assert named(FIRST["etcdPeers"].pem + SECOND.pem) == (
        Named("dev-etcd-peer-ca", "dev-etcd-peer-ca"),
        Named("dev-etcd-peer-ca-2", "dev-etcd-peer-ca-2"),
    )


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nMIIB", SECOND.pem[:200]])
def test_what_is_no_certificate(text: str) -> None:
    with pytest.raises(CertificateError):
        named(text)


def seen(told: tuple[int, ...], more: dict[str, str]) -> AuthorityView | None:
    view = lived_by("dev", Authorities.made({"etcdPeers": told}), files() | more, "2026-11-25T12:00:00Z")
    return view.of("etcdPeers") if view else None


BOTH = {"etcd-peer-ca.crt": FIRST["etcdPeers"].pem + SECOND.pem}
VIEW = AuthorityView("etcdPeers", (2,), (2,))
STRANGER = {"etcd-peer.crt": Authority("x").issue("m", [CLIENT], [], [])[0]}
LEAF = {"etcd-peer.crt": SECOND.issue("m1-b", [CLIENT], [], [])[0]}


@pytest.mark.parametrize(
    ("told", "more", "view"),
    [
        pytest.param((1,), {}, None, id="the first alone"),
        pytest.param((1, 2), BOTH, AuthorityView("etcdPeers", (1, 2), (1,)), id="both are trusted"),
        pytest.param((2, 1), BOTH | LEAF, AuthorityView("etcdPeers", (1, 2), (2,)), id="the second issues"),
        pytest.param((2,), {"etcd-peer-ca.crt": SECOND.pem} | LEAF, VIEW, id="the second alone"),
        pytest.param((2, 1), {}, AuthorityView("etcdPeers", (1,), (1,)), id="files say otherwise"),
        pytest.param((1, 2), STRANGER, AuthorityView("etcdPeers", (1,), (0,)), id="a stranger"),
    ],
)  # fmt: skip
def test_generations_that_are_lived_by(
    told: tuple[int, ...], more: dict[str, str], view: AuthorityView | None
) -> None:
    assert seen(told, more) == view


def test_keys_of_tokens_have_no_names() -> None:
    told = Authorities.made({"serviceAccounts": (2, 1)})
    view = lived_by("dev", told, files(), "2026-11-25T12:00:00Z")
    assert view is not None
    assert view.of("serviceAccounts") == AuthorityView(
        "serviceAccounts", (1, 2), (2,), "2026-11-25T12:00:00Z"
    )
