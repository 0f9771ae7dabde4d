"""The life of an invoice: reviewed, issued, voided, credited; restatements waived, months closed.

Each command reads the published warehouse, adds to the register in one transaction, and changes no table:
the next build shows what was done. So that nothing is done twice, a command refuses tables that do not
know the whole register, and looks into the register itself before it issues.
"""
