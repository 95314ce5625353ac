"""What a managed instance group may be: defaults, what Google refuses, and what the simulator hasn't got.

One version, updated OPPORTUNISTICally; no autohealing, no state that is kept, no standby: asking for them is a 501.
"""

from __future__ import annotations

import math

from lab.simulator.errors import ApiError, invalid, required
from lab.simulator.registry import Call
from lab.simulator.services.compute import catalog, resources, urls
from lab.simulator.services.compute.resources import Doc

_UPDATES: Doc = {"type": "OPPORTUNISTIC", "minimalAction": "REPLACE", "replacementMethod": "SUBSTITUTE"}
_DEFAULTS: Doc = {
    "listManagedInstancesResults": "PAGELESS",
    "instanceLifecyclePolicy": {
        "defaultActionOnFailure": "REPAIR",
        "forceUpdateOnRepair": "NO",
        "onFailedHealthCheck": "DEFAULT_ACTION",
    },
    "standbyPolicy": {"initialDelaySec": 0, "mode": "MANUAL"},
    "targetStoppedSize": 0,
    "targetSuspendedSize": 0,
    "targetSizePolicy": {"mode": "INDIVIDUAL"},
}
_NOT_SIMULATED = (
    "allInstancesConfig",
    "autoHealingPolicies",
    "distributionPolicy",
    "instanceFlexibilityPolicy",
    "resourcePolicies",
    "statefulPolicy",
    "targetPools",
    "targetStoppedSize",
    "targetSuspendedSize",
)
LONGEST_BASE_NAME = 58


def checked(call: Call, key: str, doc: Doc) -> Doc:
    """With what isn't said filled in, and refused where Google would, or where the simulator can't."""
    _refuse_what_is_not_simulated(doc)
    base = doc["baseInstanceName"]
    urls.check_name(base, "resource.baseInstanceName")
    if len(base) > LONGEST_BASE_NAME:
        text = f"Must be at most {LONGEST_BASE_NAME} characters long."
        raise invalid("resource.baseInstanceName", base, text)
    if doc["targetSize"] < 0:
        raise invalid("resource.targetSize", doc["targetSize"], "Must be greater than or equal to 0")
    versions = doc.get("versions") or [{"instanceTemplate": doc.get("instanceTemplate")}]
    if not versions[0].get("instanceTemplate"):
        raise required("resource.instanceTemplate")
    url = versions[0]["instanceTemplate"]
    template, _ = urls.resolve(
        call, url, "instanceTemplates", "resource.instanceTemplate", missing="notFound"
    )
    if urls.region_of(template) != catalog.ZONES[key.split("/")[3]]:
        text = "The instance template must be in the region of the instance group manager."
        raise invalid("resource.instanceTemplate", url, text)
    version: Doc = {"instanceTemplate": urls.link(template)}
    if versions[0].get("name"):
        version["name"] = versions[0]["name"]
    filled: Doc = dict(doc)
    for name, default in _DEFAULTS.items():
        given = doc.get(name)
        filled[name] = default | _said(given or {}) if isinstance(default, dict) else given or default
    for name in _NOT_SIMULATED[:-2]:
        filled.pop(name, None)
    return filled | {
        "versions": [version],
        "instanceTemplate": version["instanceTemplate"],
        "updatePolicy": _updates(doc.get("updatePolicy") or {}, doc["targetSize"]),
    }


def _said(given: Doc) -> Doc:
    return {name: value for name, value in given.items() if value not in (None, "")}


def _updates(given: Doc, size: int) -> Doc:
    policy = _UPDATES | _said(given)
    for name in ("maxSurge", "maxUnavailable"):
        limit = {k: v for k, v in (given.get(name) or {"fixed": 1}).items() if k != "calculated"}
        shown = math.ceil(size * limit["percent"] / 100) if "percent" in limit else limit.get("fixed", 0)
        policy[name] = limit | {"calculated": shown}
    return policy


def _refuse_what_is_not_simulated(doc: Doc) -> None:
    wanted = [name for name in _NOT_SIMULATED if not resources.says_nothing(doc.get(name))]
    if len(doc.get("versions") or []) > 1:
        wanted.append("more than one version")
    if (doc.get("updatePolicy") or {}).get("type") == "PROACTIVE":
        wanted.append("updatePolicy.type PROACTIVE")
    if (doc.get("targetSizePolicy") or {}).get("mode") == "BULK":
        wanted.append("targetSizePolicy.mode BULK")
    if wanted:
        text = f"The simulator's managed instance groups don't implement {', '.join(wanted)}."
        raise ApiError(501, "notImplemented", text)
