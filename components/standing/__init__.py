"""What stands of this stack, as its last state records it: the past that an edit is judged against."""
