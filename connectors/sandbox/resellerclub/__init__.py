"""ResellerClub's HTTP API for Acronis Backup over the world, from the vendor's public pages.

estate   what ResellerClub holds on one day, as plain objects
plans    who orders what from when to when; `day` reads one day off them
truth    what a pipeline must arrive at
connection, search, commands, answers, app   the API itself
"""
