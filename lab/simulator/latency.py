"""How long operations take.

`instant`: an operation is DONE in the first reply. `realistic`: seconds per kind of operation, always the same.
The figures are the middle of the ranges in the research notes ('Latency'); most of those are recollections, none
is a promise of Google's.
"""

from __future__ import annotations

PROFILES = ("instant", "realistic")

_SECONDS = {
    "compute.addresses.insert": 4.0,
    "compute.addresses.delete": 4.0,
    "compute.disks.insert": 4.0,
    "compute.disks.delete": 3.0,
    "compute.disks.createSnapshot": 20.0,
    "compute.firewalls.": 7.0,
    "compute.forwardingRules.": 10.0,
    "compute.images.": 15.0,
    "compute.instanceGroups.": 3.0,
    "compute.instances.insert": 12.0,
    "compute.instances.start": 10.0,
    "compute.instances.stop": 40.0,
    "compute.instances.delete": 40.0,
    "compute.instances.reset": 3.0,
    "compute.instances.suspend": 30.0,
    "compute.instances.resume": 15.0,
    "compute.instances.addAccessConfig": 8.0,
    "compute.instances.deleteAccessConfig": 8.0,
    "compute.networks.": 15.0,
    "compute.subnetworks.": 12.0,
    "compute.routers.": 10.0,
    "compute.regionBackendServices.": 10.0,
}
_OTHERWISE = 3.0


class Latency:
    def __init__(self, profile: str = "instant", scale: float = 1.0) -> None:
        self.set(profile, scale)

    def set(self, profile: str, scale: float = 1.0) -> None:
        """`scale` shortens or stretches `realistic`: 0.1 is ten times as fast."""
        if profile not in PROFILES:
            raise ValueError(f"profile {profile!r} is unknown; use one of {', '.join(PROFILES)}")
        self.profile = profile
        self.scale = scale

    def seconds(self, method_id: str) -> float:
        """From request to DONE."""
        if self.profile == "instant":
            return 0.0
        service, collection, _ = (method_id + "..").split(".", 2)
        found = _SECONDS.get(method_id, _SECONDS.get(f"{service}.{collection}.", _OTHERWISE))
        return found * self.scale
