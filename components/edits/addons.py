"""Changes of the operator's add-ons. What becomes of their objects stands in the preview, object by object."""

from __future__ import annotations

from components.config import StackConfig
from components.edits.findings import NOTHING, Findings, note
from components.standing.facts import Standing


def addons(standing: Standing, config: StackConfig) -> Findings:
    former, wanted = list(standing.addons), sorted(addon.name for addon in config.own_addons)
    if former == wanted:
        return NOTHING
    says = ""
    if not wanted:
        says = "Their objects are deleted in the cluster"
    elif not former:
        says = "From then on `pulumi up` needs a way to the API for them"
    return note("addons", former, wanted, says)
