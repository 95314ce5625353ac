"""Decides what etcd's membership, its data and its databases need next. Pure: no clock, no I/O, no memory.

plan.py         the next step of this machine's agent
membership.py   the next change of etcd's membership
departure.py    what a machine that is told to stop does first
restoring.py    a restore, as one machine plans it
maintenance.py  defragmentation and the alarm NOSPACE
view.py         who each member is, whether it is wanted, and how it is
observed.py     what the planner is told
steps.py        what the planner can ask for
quorum.py       the arithmetic of votes
"""
