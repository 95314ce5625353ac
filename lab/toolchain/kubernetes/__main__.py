"""`python -m lab.toolchain.kubernetes [etcd|kubernetes|coredns …]` builds what is missing and says where it stands.

`provider` is also given to the lab's engine.
"""

from __future__ import annotations

import sys

from lab.toolchain import ensure as engine

from . import ensure
from .plugin import install
from .recipe import PROVIDER

for group in sys.argv[1:] or ["etcd", "kubernetes", "coredns", "metrics"]:
    print(ensure(group))
    if group == PROVIDER:
        install(engine())
