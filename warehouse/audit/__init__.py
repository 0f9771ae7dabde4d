"""Checking what was issued: again from raw, line by line down to the vendor's answer, and by a third party.

`verify` says whether everything is still what was issued, down to the bytes of the raw data. `explain`
says why a line is what it is. `evidence` is a zip from which anybody with DuckDB computes an invoice again.
"""
