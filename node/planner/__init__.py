"""What shall be done about etcd: pure functions of what was seen.

observed.py      what the planner is told
view.py          the cluster as one replica sees it
plan.py          the next step
membership.py    who joins, who is promoted, who leaves
restoring.py     steps of a restore
leaving.py       what a machine does about etcd that is told to stop
maintenance.py   alarms and defragmentation
quorum.py        arithmetic of majorities
steps.py         the steps themselves
"""
