"""What the API and pools can only be together: https://kubernetes.io/docs/reference/access-authn-authz/authentication/."""

from __future__ import annotations

from components.config.access import ApiSpec
from components.config.errors import Refused
from components.config.section import Section
from node.contract import ports
from node.contract.worker_identity import ISSUER


def check_joining(api: Section, spec: ApiSpec) -> None:
    """Checks what holds where there are workers, or some that leave. An API server names an issuer once, and Google's is
    theirs: see `docs/decisions/0017-a-stolen-worker.md`.
    """
    if ISSUER in {each.url for each in spec.issuers}:
        wrong = "vouches for the workers of pools, and an API server takes an issuer once"
        remedy = "Let people sign in by another, such as workforce identity federation's, or take the pools away first"
        api.refuse("oidc", Refused(wrong, remedy), ISSUER)
    if api.ok("port") and spec.port == ports.ISSUER:
        wrong = "is taken, where there are pools, by the keys of the workers' issuer on every master"
        api.refuse("port", Refused(wrong, "Choose 443, 6443 or another free port"))
