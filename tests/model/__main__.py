"""`python -m tests.model [MINUTES]`: the larger bounds, each world for its share of the time."""

from __future__ import annotations

import sys

from tests.model.checker import established, explore, nothing
from tests.model.design import AS_IT_IS
from tests.model.state import Budget, State

MINUTES = 20.0


def worlds() -> dict[str, State]:
    one, two, three = (frozenset(range(count)) for count in (1, 2, 3))
    return {
        "1 of 2: 3 edits, 2 cuts": established(2, one, Budget(edits=3, cuts=2)),
        "1 of 2: 2 edits, a roll, a cut": established(2, one, Budget(edits=2, rolls=1, cuts=1)),
        "1 of 2: an edit, --target, a cut, by hand": established(2, one, Budget(1, 0, 1, 1, 1)),
        "nothing yet: 2 edits, a cut": nothing(2, two, Budget(edits=2, cuts=1)),
        "3 of 3: --target, a misfortune": established(3, three, Budget(targets=1, faults=1)),
        "3 of 3: an edit, --target": established(3, three, Budget(edits=1, targets=1)),
        "3 of 3: a roll, --target, a cut": established(3, three, Budget(rolls=1, targets=1, cuts=1)),
        "3 of 3: a roll, a misfortune": established(3, three, Budget(rolls=1, faults=1)),
        "1 of 3: 2 edits, a cut": established(3, one, Budget(edits=2, cuts=1)),
        "2 of 3: an edit, by hand, a misfortune": established(3, two, Budget(edits=1, hands=1, faults=1)),
        "3 of 4: an edit, a cut": established(4, three, Budget(edits=1, cuts=1)),
    }


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    share = minutes * 60 / len(worlds())
    broken = 0
    for title, beginning in worlds().items():
        found = explore([beginning], AS_IT_IS, converge_each=50, seconds=share)
        print(f"{title}: {found}", flush=True)
        if found.story:
            broken += 1
            print("\n".join(f"    {line}" for line in found.story), flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
