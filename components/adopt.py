"""`python -m components.adopt` is `python -m admin adopt`; this older name stays for one release."""

import runpy
import sys

if __name__ == "__main__":
    sys.argv[1:1] = ["adopt"]
    runpy.run_module("admin", run_name="__main__")
