"""The Python language host: what the engine asks to run Python programs, policy packs and plugins.

The engine's own host is not among the modules that can be built, so this package answers the same gRPC service
(`pulumirpc.LanguageRuntime`) on the protocol classes that the `pulumi` package ships. `python -m host` prints the
port it listens on and serves until it is interrupted, as every plugin of the engine does.

server.py       the service
interpreter.py  which Python a project asks for, and the plugins that its packages name
installed.py    what is installed there, by pip or by a lock file
child.py        processes of that Python, and their output
"""
