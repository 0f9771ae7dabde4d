"""Known discrepancies that the sandbox can plant in its world, and the findings they must lead to.

A topic file here has one function `plants(month)` that yields `Plant`s; the registry collects every
file that has it. `month` is the last of three months that somebody looks at: the two before it are
issued, it is a draft. So a plant says its dates by `month` and `before(month)`, and
holds in a real run as well as in a test.

To add one:

1. Give it a customer of its own, `Subject("kind-of-the-plant")`. It is a direct customer in the
   Netherlands, billed in euro by NW-EU at the prices of price_list.py, and unknown to every vendor
   until you let one tell of it. Interference is then the exception.
2. Let a vendor tell of it with a helper of estates/ (`infrascale_account` and `infrascale_backup`,
   `redstor_subscription`, `xopero_account`, `resellerclub_order`, `revirt365_seats`). Most plants tell
   the same every day, or until some day: `steady(helper, subject, since=..., until=..., **figures)`.
   Others have a function of their own, which takes the frozen day of the vendor and its date and returns
   another day. What a vendor tells over HTTP and what the world calls the truth both come from it. Tell
   what is natural first, backups that succeed too: or else other checks find that.
3. Name it in `reference`: `subject.of("infrascale")` adds the customer and maps its account there;
   write a function of your own where the reference is what is wrong.
4. What no vendor and no table of the user can cause is a statement of SQL: in `landed` for the pulls and
   the staged rows, before anything is billed; in `books` for documents and entries of the register,
   after the two earlier months were issued; `late` lets a vendor change its word only after that.
5. Say the findings that must come, with amounts worked out in Decimal by `money` and prices.py, never
   by asking the warehouse. `also` has the codes of what follows from it besides.

`pytest tests/reconciliation/test_plants.py -k kind-of-the-plant` proves it, in a world of forty customers.
Keep amounts plain: prices for each unit (IF-DEVICE, RS-MACHINE, RS-GOOGLE), or quantities within the
first tier. examples.py has one plant for each of these ways.
"""
