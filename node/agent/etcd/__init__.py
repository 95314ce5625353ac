"""Looks at etcd and performs the planner's steps.

observe.py            gathers what the planner is told
reports.py            statuses of the other masters
gateway.py            etcd's JSON gateway, by mutual TLS
wal.py, wal_tail.py   whose data lies on the disk; commits what the only log that is left holds
peers.py              where etcd's members are, for machines that know nobody
failing_since.py      for how long each member has failed
confirmed_cluster.py  the cluster that the data disk belongs to
perform.py            the planner's steps
upkeep.py             steps of maintenance
leaving.py            takes a machine that stops out of etcd, if nobody wants it
snapshots.py          etcd to the bucket
restorer.py           the bucket, or the only disk that is left, to etcd
etcdutl.py            etcd's tool for snapshots
"""
