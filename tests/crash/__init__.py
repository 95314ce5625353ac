"""The crash matrix: every call of an update fails once, or is the engine's last, and `pulumi up` again finishes it."""
