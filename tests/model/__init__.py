"""A model checker for gates, guards and planner together: operator, engine, agents, etcd and power are its actors.

`state` has what there is, all of it frozen; `agents` is etcd with its machines, driven by the real planner; `engine`
takes the steps of `pulumi up` in the program's order and asks the real verdicts, through `view`; `moves` is whoever
does something by hand, and misfortune; `promises` holds P1 and P2; `checker` walks breadth-first through all of it.
`design` says which means are in place, so that a mutant is one line.

How to read a counterexample: it is the shortest history there is, one line an event, in order. Lines of the operator begin
with `$`; the last line says which promise broke. A line "statuses are written" matters by where it stands: what a gate
or guard sees is as old as the last one before its look.

What it leaves out: networks cut between machines, agents that act late (both are in `tests.node.planner.exploration`), two
engines at once, addresses, API and load balancer.
"""
