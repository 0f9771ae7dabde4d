"""What does not add up: the catalogue of checks, the findings, and what was decided about them."""
