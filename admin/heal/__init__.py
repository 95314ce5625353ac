"""A master that is gone or silent for long is made again, if nothing speaks against it: at most one at a time."""
