"""Workers, as masters have to do with them.

known.py         the pools that this master knows, and the API server's file that follows them
admission.py     whether a kubelet gets its serving certificate, pure
departures.py    which Nodes stand for VMs that are gone, pure
registrar.py     does both, on the machine beside etcd's leader
pool_keeper.py   makes, drains and deletes workers, there too
kubernetes_seen.py   what the planner of pools is shown of the API's objects, pure
underway.py      what was asked of groups and doesn't show yet, pure
issuer_keys.py   the last good copy of the keys that Google signs VMs' tokens with
issuer.py        serves it to the API server beside it
"""
