"""Speaks to backup vendors: one folder a vendor, each a table of streams over shared transports.

Nothing here imports dagster or duckdb: connectors turn a vendor's API into typed Arrow rows with
the evidence that they are complete, and leave storing, billing and scheduling to other rooms.
"""
