"""All rules. Levels here are defaults; `--policy-pack-config` changes them for one run."""

from __future__ import annotations

import sys
from pathlib import Path

from pulumi_policy import EnforcementLevel, PolicyPack

# The engine runs this folder, so its parent is not on the path.
sys.path.insert(0, str(Path(__file__).parents[1]))

from policies import exposure, instances, last_state, protection, replicas, transitions, workers

RULES = [
    replicas.not_two,
    replicas.odd,
    replicas.not_too_many,
    replicas.spread,
    replicas.zone_majority,
    protection.address_protected,
    protection.data_disk_protected,
    protection.snapshot_schedule,
    exposure.etcd_closed,
    exposure.api_open,
    instances.no_secrets,
    instances.image_pinned,
    workers.every_zone,
    workers.not_one_zone,
    workers.not_spot_alone,
    last_state.asked_for,
    transitions.voters_leave_one_by_one,
    transitions.address_replaced,
    transitions.address_deleted,
    transitions.data_disk_replaced,
    transitions.data_disk_deleted,
]

if __name__ == "__main__":
    PolicyPack("ha-masters", RULES, EnforcementLevel.MANDATORY)
