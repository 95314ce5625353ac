"""The agent's room for etcd: it looks at the members and performs the planner's steps.

gateway.py            etcd's JSON gateway, by mutual TLS
observe.py            gathers what the planner receives
perform.py            the planner's steps, done
peers.py              where etcd's members are, for machines that know nobody
wal.py, wal_tail.py   whose data lies on the disk, and how far they go
failing_since.py      for how long each member has failed
confirmed_cluster.py  which cluster the data disk was told it belongs to
leaving.py            a machine that shuts down takes itself out of etcd, if nobody wants it
upkeep.py             defragmentation, alarms
snapshots.py          etcd to the bucket
restorer.py, etcdutl.py  and back
"""
