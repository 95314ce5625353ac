"""`python -m tests.cis MACHINE…` judges machines of the lab, by default all that are on; `--guide` writes the guide.

Exit status 1 if a check fails that is not explained.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from tests.cis import guide, live
from tests.cis.judge import checks, judge


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.cis", description=__doc__)
    parser.add_argument("machines", nargs="*")
    parser.add_argument("--guide", action="store_true")
    given = parser.parse_args()
    if given.guide:
        guide.write()
        return 0
    failed = 0
    for machine in given.machines or _on():
        facts = live.ask(machine)
        for check in checks():
            if not check.is_for(facts.role):
                continue
            said = judge(check, facts)
            expected = check.passes_on(facts.role)
            failed += bool(said) and expected
            word = "ok" if not said else "FAIL" if expected else "explained"
            print(
                f"{machine}  {word:<9}  {check.id:<7} {check.title}{f': {said}' if said else ''}", flush=True
            )
    return 1 if failed else 0


def _on() -> list[str]:
    done = subprocess.run([str(live.LAB), "status", "--json"], check=True, capture_output=True, text=True)
    return sorted(name for name, used in json.loads(done.stdout)["machines"].items() if used is not None)


if __name__ == "__main__":
    sys.exit(main())
