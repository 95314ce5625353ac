"""Decides what etcd needs next. Pure functions of what was observed.

observed.py      what the planner receives
view.py          the cluster as one replica sees it
plan.py          the next step
membership.py    who joins, who is promoted, who leaves
restoring.py     steps of a restore
leaving.py       what a machine that shuts down does about etcd
maintenance.py   alarms and defragmentation
keeping.py       which snapshots are one too many
quorum.py        arithmetic of majorities
steps.py         the steps themselves
pools            the same for workers: what is next for their pools
"""
