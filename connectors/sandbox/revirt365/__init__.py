"""A stand-in of ReVirt365: what the vendor publishes, and endpoints of our own making behind it.

Token exchange, error object, trace ids and the rule about null are the vendor's. Which paths there are,
their pages and fields are not published: those here are made up, and `contract` describes them the way a
customer describes the real ones.

    estate   what ReVirt365 holds on one day, as plain objects, and the plans it is read off
    truth    what a pipeline must arrive at
    tokens, sections, app, contract   the API itself, and its description
"""
