"""Cloud Storage JSON v1: buckets, their policies, objects with generations."""

from lab.simulator.services.storage import bucket_policies as bucket_policies
from lab.simulator.services.storage import buckets as buckets
from lab.simulator.services.storage import copying as copying
from lab.simulator.services.storage import listing as listing
from lab.simulator.services.storage import objects as objects
