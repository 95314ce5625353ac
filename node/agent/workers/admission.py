"""Whether a worker's kubelet gets the serving certificate that it asks for. Pure.

API servers sign such requests for nobody: kube-controller-manager signs what is approved, and approves none of
`kubernetes.io/kubelet-serving` itself (pkg/controller/certificates/approver/sarapprove.go knows client certificates only).
The API server wrote into the request who asks: the user, the VM's id as the uid and the zone in `extra`, all from a token
that Google signed. What is asked for is compared with what Compute Engine says of that VM now.

A lie is denied, for good. What may be otherwise in a moment, or can't be known, is left: the kubelet asks again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from node.contract.pools import Pools
from node.contract.worker_identity import GROUP, USER_PREFIX, ZONE_KEY
from node.host.compute import Vm
from node.host.signing_requests import SigningRequest, SigningRequestError
from node.manifests.worker_authentication import may_be_worker

SIGNER = "kubernetes.io/kubelet-serving"
REQUIRED_USAGE = "server auth"
USAGES = frozenset(("digital signature", "key encipherment", REQUIRED_USAGE))
"""https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers"""


@dataclass(frozen=True)
class Request:
    """A CertificateSigningRequest that nobody has decided on. `problem` says why its PKCS #10 can't be read."""

    name: str
    user: str
    groups: tuple[str, ...]
    uid: str
    zone: str
    usages: tuple[str, ...]
    asked: SigningRequest | None
    problem: str = ""

    @property
    def vm(self) -> str:
        return self.user.removeprefix(USER_PREFIX)

    @classmethod
    def of(cls, document: dict[str, Any], pem: str) -> Request:
        """`pem` is the decoded `spec.request`."""
        spec = document["spec"]
        zones = (spec.get("extra") or {}).get(ZONE_KEY) or []
        asked, problem = None, ""
        try:
            asked = SigningRequest.parse(pem)
        except SigningRequestError as error:
            problem = str(error)
        return cls(
            str(document["metadata"]["name"]),
            str(spec.get("username", "")),
            tuple(map(str, spec.get("groups") or [])),
            str(spec.get("uid", "")),
            str(zones[0]) if len(zones) == 1 else "",
            tuple(map(str, spec.get("usages") or [])),
            asked,
            problem,
        )


@dataclass(frozen=True)
class Verdict:
    """`reason` is a clause, for people: what is so."""

    kind: Literal["approve", "deny", "leave"]
    reason: str


def by_itself(request: Request, pools: Pools) -> Verdict | None:
    """Returns what the request alone decides; None if its VM has to be looked at."""
    if not request.user.startswith(USER_PREFIX) or GROUP not in request.groups or not request.zone:
        return Verdict("leave", f"{request.user} is no worker that Google vouches for")
    if not may_be_worker(pools, request.zone, request.vm):
        return Verdict("leave", f"no pool has a VM {request.vm} in {request.zone}")
    if request.asked is None:
        return Verdict("deny", request.problem)
    usages = set(request.usages)
    if not usages <= USAGES or REQUIRED_USAGE not in usages:
        return Verdict("deny", f"it is for {', '.join(sorted(usages)) or 'no use'}, and not to serve alone")
    asked = request.asked
    if asked.others:
        return Verdict("deny", f"it asks for {', '.join(asked.others)}")
    if asked.common_names != (request.user,) or asked.organizations != (GROUP,):
        subject = " ".join((*asked.common_names, *asked.organizations))
        return Verdict("deny", f"{request.user} asks in the name of {subject or 'nobody'}")
    if not asked.dns_names and not asked.addresses:
        return Verdict("deny", "it names neither the VM nor an address")
    return None


def by_vm(request: Request, vm: Vm | None, pools: Pools) -> Verdict:
    """What Compute Engine says of the VM decides; None: there is none of that name in that zone."""
    if vm is None:
        return Verdict("deny", f"there is no VM {request.vm} in {request.zone} any more")
    if vm.id != request.uid:
        return Verdict("deny", f"the VM {request.vm} is {vm.id}, and {request.uid} asked, which is gone")
    if vm.accounts != (pools.service_account,):
        accounts = ", ".join(vm.accounts) or "none"
        return Verdict("deny", f"the account of {request.vm} is {accounts}, and not {pools.service_account}")
    if vm.status != "RUNNING":
        return Verdict("leave", f"{request.vm} is {vm.status or 'in no known state'}")
    asked = request.asked
    names = {vm.name, *vm.addresses}
    strange = [each for each in (*asked.dns_names, *asked.addresses) if each not in names] if asked else []
    if asked is None or strange:
        return Verdict("deny", f"{request.vm} asks for {', '.join(strange)}, which isn't its own")
    return Verdict("approve", f"{request.vm} is the VM {vm.id}, and asks for its own name and address")
