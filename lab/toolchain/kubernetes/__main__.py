"""`python -m lab.toolchain.kubernetes [etcd|kubernetes …]` builds what is missing and says where it stands."""

from __future__ import annotations

import sys

from . import ensure

for group in sys.argv[1:] or ["etcd", "kubernetes"]:
    print(ensure(group))
