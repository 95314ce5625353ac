"""What runs on a machine. Standard library only, Python 3.11 (Debian 12). From the bottom up:

contract/    what Pulumi and the machines say to each other: formats, names, timings
planner/     what etcd's next step is: pure
host/        a machine's hands: metadata, bucket, files, disk, units, programs
manifests/   what a master runs, as files: pure
bootstrap/   the order of things, from a bare Debian to a running kubelet and agent
agent/       the loop on every master: looks, asks the planner, takes at most one step, reports to the bucket
worker/      what runs on a worker: its kubelet's token, and why it isn't a Ready node
release/     the zipapp of all this, and the start-up script that fetches it
"""
