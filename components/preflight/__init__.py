"""What of a Google Cloud project would stop the stack, asked before anything is made.

`look` asks Google and gives a frozen `Seen`; `judge` turns that and the config into lines, worst first, and asks nobody;
`program` tells them in a stack's first preview, `python -m admin check` at any time, which also asks for what a cluster's
machines have been granted (`grants`), and on demand fetches their `artifacts`. Nothing here changes anything.
"""

from components.preflight.judge import judge
from components.preflight.line import Line, worst_first
from components.preflight.look import look
from components.preflight.program import admit, made

__all__ = ["Line", "admit", "judge", "look", "made", "worst_first"]
