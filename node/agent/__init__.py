"""The agent on every master: looks, asks the planner, takes at most one step, and reports to the bucket.

loop.py       the loop, and the watch on metadata
phase.py      phase, and which pods belong on the machine; pure
reporter.py   the status, at each change and every 10 s
reports.py    what the other masters report
command.py    `node.pyz agent`
etcd/         etcd's members, data, snapshots and upkeep
kubernetes/   the pods above etcd, the local apiserver, add-ons
workers/      what masters have to do with workers
"""
