"""`python -m tests.edits` tries every edit of the table on the engine; `--guide` writes the table into its guide."""

from __future__ import annotations

import os
import sys

import pytest

from tests.edits import table
from tests.edits.test_engine import WHOLE


def main() -> int:
    if "--guide" in sys.argv:
        text = table.GUIDE.read_text()
        before, _, rest = text.partition(table.BEGIN)
        after = rest.partition(table.END)[2]
        table.GUIDE.write_text(f"{before}{table.BEGIN}{table.guide()}{table.END}{after}")
        return 0
    os.environ[WHOLE] = "1"
    return pytest.main(["-v", "-n", "0", "--durations=0", "tests/edits/test_engine.py"])


if __name__ == "__main__":
    sys.exit(main())
