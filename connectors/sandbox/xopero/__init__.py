"""Xopero WebAPI 2.0 over the world, from the vendor's public manual.

estate   what Xopero holds on one day, as plain objects
plans    who exists from when to when; `day` reads one day off them
truth    what a pipeline must arrive at
tokens, functions, answers, app   the API itself
"""
