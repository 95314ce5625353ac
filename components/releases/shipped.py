"""The table that comes with the program, and what operators pinned beside it.

A pin is a file of its own in the folder of the stack's files, `pins/1.36.4.yaml`: it is reviewed and merged as code is, it
holds for all stacks there, and the next release of this program, which may know that patch too, has no file of that name.
Where both know one, they must say the same.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from components.releases.document import ReleasesError, read
from components.releases.facts import Conflict, Releases

PINS = "pins"

_TABLE = Path(__file__).with_name("table")


@cache
def shipped() -> Releases:
    found = Releases()
    for file in sorted(_TABLE.glob("*.yaml")):
        found |= read(file.read_text(), file.name)
    return found


def known(folder: Path) -> Releases:
    """Returns what is shipped, and what is pinned in the `folder` of a stack's files. Raises ReleasesError."""
    found = shipped()
    for file in sorted((folder / PINS).glob("*.yaml")):
        name = f"{PINS}/{file.name}"
        try:
            found |= read(file.read_text(), name)
        except OSError as error:
            raise ReleasesError(f"{name} can't be read ({error.strerror}). Let this user read it.") from None
        except Conflict as conflict:
            raise ReleasesError(
                f"{name} says something else of {conflict} than is known already, and what was published once never "
                f"becomes something else. Find out which of the two is right before any master fetches it, and remove "
                f"the file if it is the wrong one."
            ) from None
    return found
