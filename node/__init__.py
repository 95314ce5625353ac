"""What a master runs, by the standard library alone. The rooms, bottom to top:

contract   what Pulumi and the machines say to each other
planner    what etcd's membership needs next; pure
host       a machine's hands: files, units, disk, programs, Google's APIs
manifests  what a master runs, as text; pure
bootstrap  from a bare machine to a running kubelet and agent
agent      keeps a machine a member of its cluster
release    the zipapp of all of these, and the script that starts it
"""
