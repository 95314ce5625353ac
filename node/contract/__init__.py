"""What Pulumi and the machines say to each other, each thing once, writer and reader in one class.

fields.py            reading and writing of JSON objects, strict or lenient
bucket_layout.py     names of the bucket's objects
desired.py           who shall be a member, who may stay one
restore.py           what etcd shall be restored from, and what it was
bootstrap_marker.py  which cluster this is
peers.py             where etcd's members are
status.py, status_parts.py, key_status.py, version_status.py, pool_status.py  what a master reports
machine_config.py    versions, ranges and artifacts, in a VM's metadata
api_server.py        what the operator asks of kube-apiserver, in a VM's metadata
authorities.py       generations of the cluster's authorities, in a VM's metadata
metadata.py          a VM's attributes, and the machine that comes of them
worker.py, worker_config.py, node_labels.py  the same for a worker of a pool
snapshots.py         snapshots of etcd in the bucket: names, and which shall stay
secret_files.py      a replica's keys and certificates, by file name
pools.py             pools of workers
base_addons.py       what tells the base add-ons from all else
cloud_controller.py  what Google's cloud controller manager runs with
worker_identity.py   who a worker is, to Google and to Kubernetes
ports.py             etcd's ports
timings.py           seconds that both sides count on
"""
