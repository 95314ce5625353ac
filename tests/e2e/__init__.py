"""The whole thing, alive: the program on the real engine, masters that boot, clients that read and write meanwhile."""
