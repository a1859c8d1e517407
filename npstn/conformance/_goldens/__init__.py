"""How golden vectors are made, stored and read: a file for each tier, one for all formats."""
