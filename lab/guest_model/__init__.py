"""A model of what runs on the lab's VMs, for where no machines can run and for tests that need none.

For each running instance whose metadata names a `replica` and a `bucket` it does what the node agent would:
with the VM's own service account it reads the desired state and its secret, drives an in-memory etcd through
`node.planner.plan`, one step at a time, and writes its status. Gates, quorum and order then mean something. It
runs no Kubernetes, stores no keys and has no network: whoever's VM runs reaches everyone. It calls itself a
model wherever it shows.
"""

from lab.guest_model.routes import ServedModel as GuestModel

__all__ = ["GuestModel"]
