"""A model of what runs on the lab's VMs, until machines are real.

For each running instance whose metadata names a `replica` and a `bucket` it does what the node agent would:
with the VM's own service account it reads the desired state and its secret, drives an in-memory etcd through
`node.planner.plan`, one step at a time, and writes its status. Gates, quorum and order then mean something. It
runs no Kubernetes, stores no keys and has no network: whoever's VM runs reaches everyone. It calls itself a
model wherever it shows.
"""

from lab.guest_model.model import GuestModel

__all__ = ["GuestModel"]
