"""An edit of the config is judged against what stands, before anything is registered.

`judge` is pure: it refuses what would cost a living cluster its data, its quorum or its clients, each with the way that
works, and notes what the rest costs. `admit` raises what was refused, in previews and in updates, with or without the
policy pack.
"""

from components.edits.admit import admit
from components.edits.findings import Findings, Note, Reach, Refusal
from components.edits.judge import judge

__all__ = ["Findings", "Note", "Reach", "Refusal", "admit", "judge"]
