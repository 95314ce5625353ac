"""`api.internal` of a living cluster: an address comes or goes, and whoever uses one that goes has to move before."""

from __future__ import annotations

from components.config import BESIDE, NONE, StackConfig
from components.edits.findings import NOTHING, Findings, Reach, note, refuse
from components.edits.staying import staying
from components.standing.facts import Standing

KEY = "api.internal"


def internal(standing: Standing, config: StackConfig) -> Findings:
    """Between the public address alone and the internal one alone lies `beside`, with which both are served: clients and
    workers move while it stands.
    """
    former, wanted = standing.internal, config.api.internal
    if wanted == NONE and former in (None, NONE) and standing.internal_address:
        return _reserved_only(standing)
    if former is None or former == wanted:
        return NOTHING
    if BESIDE not in (former, wanted):
        return refuse(
            KEY,
            former,
            wanted,
            "Every client, kubelet and certificate would lose the address that it has before the other one is served",
            f"Write {BESIDE} first, move who uses the former address, then write {wanted}",
        )
    if wanted == BESIDE:
        return _comes(standing, config, former)
    return _goes(standing, config, wanted)


def _reserved_only(standing: Standing) -> Findings:
    """An update that was to bring the address was cut off before its rule was made."""
    if standing.address_protected is False:
        return NOTHING
    return refuse(
        KEY,
        BESIDE,
        NONE,
        "The internal address was reserved by an update that was cut off, and is protected",
        f"Write {BESIDE} with api.protectAddress false in an update of its own, then write {NONE}",
    )


def _comes(standing: Standing, config: StackConfig, former: str) -> Findings:
    who = staying(standing, config)
    if former == NONE:
        says = "Masters take it into their certificates, then its rule is made; the public address stays as it is"
        if standing.pools:
            says += ". Workers then reach the API by it: each pool's machines are exchanged"
    else:
        says = (
            "A public address is reserved, and kubeconfigs name it from then on; internalKubeconfig has the internal one, "
            "which stays as it is"
        )
        if standing.pools:
            says += (
                ". Masters tell of it from their turn on, so pods on workers that ask `kubernetes.default` may find nobody "
                "until it is served"
            )
    return note(KEY, former, BESIDE, says, reach=Reach.TAKEN_OVER, masters=who)


def _goes(standing: Standing, config: StackConfig, wanted: str) -> Findings:
    ours = wanted == NONE or standing.address_name is None
    if ours and standing.address_protected is not False:
        which = "internal" if wanted == NONE else "public"
        return refuse(
            KEY,
            BESIDE,
            wanted,
            f"The {which} address would be released, can't be had again, and is protected",
            "Set api.protectAddress to false in an update of its own, then write this; afterwards it may be true again",
        )
    if wanted == NONE and standing.pools:
        return refuse(
            KEY,
            BESIDE,
            wanted,
            "Workers reach the API by the internal address, and lose it before others could take their place",
            "Take the pools away first, in an update of their own, or leave it",
        )
    if wanted == NONE:
        says = f"Who uses {standing.internal_address} loses the API when the first master takes it over"
    else:
        says = (
            "Who uses the public address loses the API when the first master takes it over. Kubeconfigs name the internal "
            "one from then on, so whoever runs kubectl has to be inside the network"
        )
    return note(KEY, BESIDE, wanted, says, reach=Reach.TAKEN_OVER, masters=staying(standing, config))
