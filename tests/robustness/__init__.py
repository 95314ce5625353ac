"""Histories of a cluster's masters at random, judged by etcd's own robustness judge.

Real etcd under the real agent, each at an address of its own in a network namespace, no machines: six clients read and
write while the list of masters changes and etcds are killed, frozen, cut off from their peers, lose their power or their
disks. What the clients saw and what the members wrote is then judged as etcd's own releases are.

    python -m tests.robustness --seeds 1-100     each history by its seed; a broken one leaves its folder and a picture

What it doesn't do: a clock that is wrong (all share the host's), and a partition in which a member still hears (packets on
loopback don't tell who sent them, so a member is cut off from all others, and still speaks itself).

histories.py    what happens in a history: pure, drawn by its seed
living.py       lives through one
judging.py      the recorded clients, and what the judge says
"""
