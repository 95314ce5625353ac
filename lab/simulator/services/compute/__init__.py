"""Compute Engine v1 (and beta, by the same handlers), one file a concern."""
