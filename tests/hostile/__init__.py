"""Cut-off histories: an update is cut off at some moment, something else is typed, and no promise is broken."""
