"""What every vendor shares on the wire; no vendor's name stands in here."""
