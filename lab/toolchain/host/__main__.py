"""Start the language host: `python -m host [options] ENGINE_ADDRESS`."""

import sys

from .server import serve


def main() -> None:
    """The engine passes its address last; what begins with a dash is for other hosts."""
    serve(next((argument for argument in reversed(sys.argv[1:]) if not argument.startswith("-")), ""))


if __name__ == "__main__":
    main()
