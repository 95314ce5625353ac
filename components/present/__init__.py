"""What is true of the cluster now, beside what the list asks for: seen once a command, told in sentences.

`look` asks the cluster's bucket and Compute Engine and gives a frozen `Present`, or the reason why nothing is known;
`tolerance` counts what etcd can lose at this moment; `findings` says what needs somebody. Only `look` does I/O, and only
`program` knows of Pulumi.
"""

from components.present.facts import Present, Unseen
from components.present.findings import Told
from components.present.program import announce_now, down, look_now, when_done

__all__ = ["Present", "Told", "Unseen", "announce_now", "down", "look_now", "when_done"]
