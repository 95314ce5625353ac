"""`python -m admin adopt`: takes into the stack what an interrupted update made and could not record.

Names are fixed, so whoever made a resource and lost the reply finds it again, and Google refuses to make it twice. This
looks which of the resources that the stack lacks are there, and has the engine import them: nothing is created, changed
or deleted in Google, but for versions of secrets that nobody reads (`versions`).
"""
