"""What the stack costs a month by list price: before an update, and after it.

table.py  what was published, with its date and where it was read; table.yaml has the figures
things.py  what is counted, of the last state and of the config
bill.py   the sum, and what isn't in it because no price of it was read
"""
