"""Cloud DNS v1: zones, record sets and changes."""

from lab.simulator.services.dns import changes as changes
from lab.simulator.services.dns import records as records
from lab.simulator.services.dns import zone_policies as zone_policies
from lab.simulator.services.dns import zones as zones
