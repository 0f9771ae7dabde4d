"""Stand-in servers of the vendors over one deterministic world.

Written from the vendors' contracts and independent of the clients: nothing here imports them.
"""
