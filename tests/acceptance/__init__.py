"""The Google provider's own acceptance tests, against the lab: `make acceptance`.

They were written against Google, and pass there: what one of them meets in the simulator and wouldn't meet at Google is a
fault of the simulator's. They say nothing of machines, only of the API.

provider.py   the provider's tests as executables, built once per version from the module that the lab's provider is made of
kinds.yaml    which of them are run: by kind, those of the kinds that the program uses
project.py    what every Google project has and the lab's hasn't: a network
credentials.py  where the tests' own client finds a token
running.py    one test, against a simulator of its own
excused.yaml  those that don't pass, each with its reason
judging.py    what a run says together with that list. Pure
__main__.py   runs them, goes on where it was, and tells

A run takes an hour on two cores, so `make test` has none of it: it has no test here that needs Go or terraform.
"""
