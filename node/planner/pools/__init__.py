"""What the next step of the pools is, pure: made, waited for, cordoned, evicted, deleted, one step at a time.

seen.py     what is known of groups, machines, nodes, pods and budgets
steps.py    what can be done, and what is said of each zone
drain.py    what a node that leaves still has on it, and what keeps it there
plan.py     the next step of all pools
"""
