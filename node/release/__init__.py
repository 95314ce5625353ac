"""The zipapp that machines run, and the start-up script that fetches it."""
