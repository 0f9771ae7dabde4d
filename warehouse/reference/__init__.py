"""What the user configures: who is billed, for which vendor accounts, and at what price."""
