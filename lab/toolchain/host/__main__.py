"""Start the language host: `python -m host [options] ENGINE_ADDRESS`."""

import sys

from .server import serve

serve(next((argument for argument in reversed(sys.argv[1:]) if not argument.startswith("-")), ""))
