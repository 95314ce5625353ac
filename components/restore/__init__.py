"""A restore that the config asks for: looked at before anything is registered, refused or told, and handed to the machines.

request = admit(config, standing)   # raises pulumi.RunError with the reason

facts.py     what is known of it, plain values
judge.py     refused, done already, or to be done, with the words: pure
look.py      gathers the facts from the bucket
program.py   what the program does with all that
"""

from __future__ import annotations

from components.restore.program import admit, export

__all__ = ["admit", "export"]
