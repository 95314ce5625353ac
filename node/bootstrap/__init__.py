"""From a bare Debian machine to a running kubelet and agent: idempotent, run at every boot, and again when metadata change.

every_machine.py  what masters and workers have alike, and their lock
master.py         what a master's metadata ask for, made so: etcd's disk, keys, control plane, agent
worker.py         the same for a worker
renewal.py        newer keys than metadata name, when those that are here end
command.py        `node.pyz bootstrap`: one or the other, again until it succeeds
"""
