"""What the vendors of the world invoice, and the files in which they do it.

    invoice = vendor_invoice(world, "redstor", date(2026, 10, 1))    its lines
    written = write_invoices(world, date(2026, 10, 1), directory)    a file of each vendor, in its own layout

ResellerClub is not among them: its charges are transactions of its API.
"""

from connectors.sandbox.invoices.files import WrittenInvoice, write_invoices
from connectors.sandbox.invoices.lines import VENDORS, vendor_invoice

__all__ = ["VENDORS", "WrittenInvoice", "vendor_invoice", "write_invoices"]
