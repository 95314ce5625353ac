"""Workers, as masters have to do with them.

admission.py     whether a kubelet gets its serving certificate, pure
departures.py    which Nodes stand for VMs that are gone, pure
registrar.py     does both, on the machine beside etcd's leader
issuer_keys.py   the last good copy of the keys that Google signs VMs' tokens with
issuer.py        serves it to the API server beside it
"""
