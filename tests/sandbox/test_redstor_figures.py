"""What RedAPI serves, read back by hand, is the world's truth in both versions."""

from datetime import date

import pytest

from tests.sandbox.redstor_support import walk

DAY = date(2026, 10, 14)
METERS = {
    "protected_bytes": "totalDataProtectedInBytes",
    "external_bytes": "totalDataProtectedInBytesExternal",
    "overage_bytes": "fupOverageInBytes",
    "active_seats": "activeSeats",
    "inactive_seats": "inactiveSeats",
    "shared_seats": "sharedSeats",
    "active_workloads": "activeWorkloads",
    "licensed_users": "licensedUsers",
}


def served(api, root, version):
    """(company id, consumption row) of everybody, root included."""
    if version == "1":
        own = [(root, row) for row in api.get(f"/companies/{root}/consumption/company").json()]
        below = walk(api, f"/companies/{root}/consumption/customers/transitive", maxResults="100")
        return own + [(row["companyId"], row) for row in below]
    companies, level = [root], [root]
    while level:
        level = [
            child["companyId"]
            for parent in level
            for child in walk(api, f"/companies/{parent}/customers", apiVersion="2.0")
        ]
        companies += level
    return [(c, row) for c in companies for row in walk(api, "/consumption", apiVersion="2.0", companyId=c)]


@pytest.mark.parametrize("version", ["1", "2.0"])
def test_consumption_is_the_truth(sandbox, api, root, version):
    """Every meter of every subscription, to the byte."""
    told = {}
    for company, row in served(api, root, version):
        product = row["sku"] or f"product-{row['productId']}"
        for meter, source in METERS.items():
            if source in row:
                key = (company, row["subscriptionId"], row["productName"], product, meter)
                told[key] = (row[source], row["isTrial"])
    truth = {
        (row.account_id, row.resource_id, row.resource_name, row.product, row.meter): (
            row.quantity,
            row.is_trial,
        )
        for row in sandbox.world.truth(DAY)
        if row.vendor == "redstor" and (version == "2.0" or row.meter != "licensed_users")
    }
    assert told == truth


def test_companies_are_the_truth(sandbox, api, root):
    """Root and everything below it, names untouched."""
    rows = [api.get("/companies").json(), *walk(api, f"/companies/{root}/customers/transitive")]
    truth = [row for row in sandbox.world.truth_accounts(DAY) if row.vendor == "redstor"]
    assert sorted(
        (r["companyId"], r["parentCompanyId"], r["companyName"], r["type"], r["isEnabled"]) for r in rows
    ) == (sorted((r.account_id, r.parent_account_id, r.name, r.account_type, r.is_active) for r in truth))


def test_backup_statuses_are_the_truth(sandbox, api, root):
    """One status per company and product."""
    told = set()
    for company in [
        root,
        *(row["companyId"] for row in walk(api, f"/companies/{root}/customers/transitive")),
    ]:
        answer = api.get(f"/companies/{company}/backups/status")
        for row in answer.json()["statuses"] if answer.status_code == 200 else []:
            bad = "failed" if row["failed"] else "warning" if row["errors"] or row["warnings"] else ""
            status = bad or ("success" if row["success"] else "none")
            told.add((company, f"product-{row['productId']}", status))
    truth = [row for row in sandbox.world.truth_events(DAY) if row.vendor == "redstor"]
    assert told == {(row.account_id, row.resource_id, row.status) for row in truth}
    assert len(told) == len(truth)
