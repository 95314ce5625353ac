"""The agent on every master: looks, asks the planner, takes at most one step, and reports to the bucket.

command.py   `node.pyz agent`
loop.py      the loop
phase.py     the phase, and which pods belong on the machine; pure
reporter.py  the status, at each change and at each beat
etcd/        looks at etcd and performs the planner's steps
kubernetes/  the pods above etcd, and what the cluster's API is asked
"""
