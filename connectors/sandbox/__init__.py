"""Stand-in servers of the vendors over one deterministic world.

Written from the vendors' contracts and independent of the clients: nothing here imports them.
"""

CUSTOMERS = 200
"""Of the world that stands in when no vendor is configured."""
