"""Lists of replicas by chance, and edits of them, against the program with and without the engine."""
