"""Data at rest: landed pulls, the DuckDB warehouse built from them, and the users' reference tables."""
