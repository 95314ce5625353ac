"""`python -m lab.toolchain.kubernetes [etcd|kubernetes|coredns …]` builds what is missing and says where it stands."""

from __future__ import annotations

import sys

from . import ensure

for group in sys.argv[1:] or ["etcd", "kubernetes", "coredns"]:
    print(ensure(group))
