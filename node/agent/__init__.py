"""The agent on every master: looks, asks the planner, takes at most one step, and tells the bucket.

loop.py        the loop, and the watch on metadata
observe.py     gathers what the planner is told
gateway.py     etcd's JSON gateway, by mutual TLS
wal.py         whose data lies on the disk
peers.py       where etcd's members are, for machines that know nobody
trouble.py     for how long each member has failed
judge.py       phase, and which pods belong on the machine; pure
perform.py     the planner's steps, done
pods.py        manifests in the kubelet's folder
host.py        the local apiserver, and which manifests the running processes come from
leaving.py     a machine that is told to stop takes itself out of etcd, if nobody wants it
snapshots.py   etcd to the bucket
reporter.py    the status, at each change and every 10 s
memory.py      which cluster the data disk was told it belongs to
control_plane.py  the pods above etcd, in and out of service
apiserver_client.py  the local apiserver's REST API
kubernetes_service.py  its one endpoint, put back
addons.py      the add-on loop: manifests and Node objects, kept as they shall be
command.py     `node.pyz agent`
"""
