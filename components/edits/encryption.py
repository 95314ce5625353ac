"""Another key for Secrets, in stages that each leave every API server able to read what any of them has written.

`[1]` → `[1, 2]`: all learn to read by key 2. → `[2, 1]`: all write by key 2, and the leader's agent has every Secret
encrypted anew. → `[2]`: key 1 goes. The same order as in
https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/#rotating-a-decryption-key. That nothing is stored by a
key that goes is asked of the cluster itself: `components.present.encryption`.
"""

from __future__ import annotations

from components.config import StackConfig
from components.edits.findings import NOTHING, Findings, Reach, note, refuse
from components.edits.staying import staying
from components.standing.facts import Standing
from components.standing.stages import Numbers, follows, on_the_way, text

KEY = "api.encryptionKeys"


def encryption_keys(standing: Standing, config: StackConfig) -> Findings:
    formers, wanted = standing.encryption_keys, config.api.server.encryption_keys
    if not formers or formers == (wanted,):
        return NOTHING
    who = staying(standing, config)
    was = [list(each) for each in formers]
    if len(formers) > 1:
        if wanted in formers:
            says = "An update was cut off between the two: it goes on, or is taken back"
            return note(KEY, tuple(was), list(wanted), says, reach=Reach.TAKEN_OVER, masters=who)
        way = f"Set it to {' or to '.join(map(text, formers))} first, and go on from there"
        return refuse(KEY, tuple(was), list(wanted), "An update was cut off between the two", way)
    (former,) = formers
    if not follows(former, wanted):
        why = "An API server would meet Secrets that it has no key for"
        return refuse(KEY, was[0], list(wanted), why, f"Set it to {text(on_the_way(former, wanted))} first")
    if len(former) > 1 and not all(master.settled for master in standing.masters):
        why = "The last update did not come through on every master, so it isn't known by which key each of them writes"
        return refuse(KEY, was[0], list(wanted), why, f"Keep {text(former)} for one more `pulumi up`")
    return note(KEY, was[0], list(wanted), _cost(former, wanted), reach=Reach.TAKEN_OVER, masters=who)


def _cost(former: Numbers, wanted: Numbers) -> str:
    if len(wanted) > len(former):
        return f"Every API server learns to read by key {wanted[1]}; Secrets are still written by key {wanted[0]}"
    if len(wanted) == len(former):
        return (
            f"Secrets are written by key {wanted[0]} from then on, and those that key {wanted[1]} encrypts are encrypted "
            "anew; `python -m admin status` counts them"
        )
    return (
        f"Key {former[1]} is deleted: Secrets in snapshots from before it was replaced can't be read any more"
    )
