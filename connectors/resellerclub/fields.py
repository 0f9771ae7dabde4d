"""The columns of each ResellerClub stream, by the vendor's names; values.py says how they are written."""

from __future__ import annotations

import pyarrow as pa

from connectors.resellerclub.values import INSTANT, MONEY
from connectors.stream import Field, Presence

NULLABLE, OPTIONAL = Presence.NULLABLE, Presence.OPTIONAL
TEXT, WHOLE, FLAG, DATE = pa.string(), pa.int64(), pa.bool_(), pa.date32()

CUSTOMERS = (
    Field("customer_id", "customer.customerid", WHOLE),
    Field("username", "customer.username", TEXT, OPTIONAL),
    Field("name", "customer.name", TEXT, NULLABLE),
    Field("company", "customer.company", TEXT, OPTIONAL),
    Field("city", "customer.city", TEXT, OPTIONAL),
    Field("country", "customer.country", TEXT, OPTIONAL),
    Field("phone_country_code", "customer.telnocc", TEXT, OPTIONAL),
    Field("phone", "customer.telno", TEXT, OPTIONAL),
    Field("reseller_id", "customer.resellerid", WHOLE),
    Field("status", "customer.customerstatus", TEXT, note="Active, Suspended, Deleted"),
    Field("website_count", "customer.websitecount", WHOLE, OPTIONAL),
    Field("total_receipts", "customer.totalreceipts", MONEY, OPTIONAL),
)

ORDERS = (
    Field("region", "", TEXT, note="the region asked: us or asia"),
    Field("order_id", "orderid", WHOLE),
    Field("customer_id", "customerid", WHOLE),
    Field("product_key", "productkey", TEXT, note="acronisbackupus or acronisbackupasia"),
    Field("plan_id", "planid", WHOLE, note="its name is not published: RESELLERCLUB_PLAN_FIELD"),
    Field(
        "storage_gib",
        "storagesizegb",
        WHOLE,
        unit="GiB",
        note="as ordered; base of GB not stated, name not published: RESELLERCLUB_STORAGE_FIELD",
    ),
    Field("months", "months", WHOLE, OPTIONAL, unit="months", note="the tenure paid in advance"),
    Field("status", "currentstatus", TEXT, note="Active, InActive, Suspended, Deleted, Archived"),
    Field("created_at", "creationtime", INSTANT),
    Field("ends_at", "endtime", INSTANT),
    Field("started_on", "", DATE, note="creationtime as a date in the billing zone"),
    Field("ends_on", "", DATE, note="endtime as a date in the billing zone"),
    Field("description", "description", TEXT, OPTIONAL),
    Field("domain_name", "domainname", TEXT, OPTIONAL),
    Field("product_category", "productcategory", TEXT, OPTIONAL),
    Field("entity_id", "entityid", WHOLE, OPTIONAL),
    Field("entity_type_id", "entitytypeid", WHOLE, OPTIONAL),
    Field("action_id", "eaqid", WHOLE, OPTIONAL),
    Field("parent_key", "parentkey", TEXT, OPTIONAL, note="the chain of resellers"),
    Field("order_status", "orderstatus", TEXT, OPTIONAL, note="JSON"),
    Field("is_recurring", "recurring", FLAG, OPTIONAL),
    Field("is_paused", "paused", FLAG, OPTIONAL),
    Field("is_deletion_requested", "isDeletionRequest", FLAG, OPTIONAL),
    Field("is_immediate_reseller", "isImmediateReseller", FLAG, OPTIONAL),
    Field("is_suspended_by_parent", "orderSuspendedByParent", FLAG, OPTIONAL),
    Field("is_suspended_upon_expiry", "isOrderSuspendedUponExpiry", FLAG, OPTIONAL),
    Field("allows_deletion", "allowdeletion", FLAG, OPTIONAL),
    Field("money_back_days", "moneybackperiod", WHOLE, OPTIONAL, unit="days"),
    Field("customer_cost", "customercost", MONEY, OPTIONAL, note="0 whatever was paid: no source of prices"),
    Field("reseller_cost", "resellercost", MONEY, OPTIONAL, note="0 whatever was paid: no source of prices"),
    Field("current_order_price", "currentOrderPrice", MONEY, OPTIONAL),
    Field("jump_conditions", "jumpConditions", TEXT, OPTIONAL, note="JSON"),
    Field("actions_completed", "actioncompleted", TEXT, OPTIONAL),
)

PLANS = (
    Field("product_key", "", TEXT),
    Field("plan_id", "", WHOLE),
    Field("plan_name", "plan_name", TEXT, NULLABLE),
    Field("plan_status", "plan_status", TEXT, OPTIONAL),
)

PRICES = (
    Field("product_key", "", TEXT),
    Field("plan_id", "", WHOLE, NULLABLE, note="null for an addon"),
    Field("action", "", TEXT, note="add, renew; addon for what is added to a plan"),
    Field("addon", "", TEXT, NULLABLE),
    Field("months", "", WHOLE, NULLABLE, unit="months", note="the tenure that is paid in advance"),
    Field("price", "", MONEY, note="whether of a month or of the tenure is not stated"),
    Field("currency", "", TEXT, note="of the balance; the price list names none"),
)

TRANSACTIONS = (
    Field("transaction_id", "transid", WHOLE),
    Field("occurred_at", "transactiondate", INSTANT),
    Field("occurred_on", "", DATE, note="as a date in the billing zone"),
    Field("kind", "type", TEXT, note="credit, debit, invoice, receipt"),
    Field("description", "description", TEXT, OPTIONAL),
    Field("reseller_id", "resellerid", WHOLE, OPTIONAL),
    Field("order_id", "orderid", WHOLE, OPTIONAL),
    Field("product_key", "key", TEXT, OPTIONAL),
    Field("transaction_key", "transactionkey", TEXT, OPTIONAL),
    Field("is_greedy", "greedy", FLAG, OPTIONAL),
    Field("selling_currency", "sellingcurrencysymbol", TEXT, note="ISO code or glyph, as told"),
    Field("selling_amount", "sellingamount", MONEY, note="charges are negative"),
    Field("unused_selling_amount", "unutilisedsellingamount", MONEY, OPTIONAL),
    Field("selling_tax_amount", "sellingtaxamount", MONEY, OPTIONAL),
    Field("selling_amount_without_tax", "sellingamountwithouttax", MONEY, OPTIONAL),
    Field("accounting_currency", "accountingcurrencysymbol", TEXT, OPTIONAL, note="never added to the other"),
    Field("accounting_amount", "accountingamount", MONEY, OPTIONAL),
    Field("unused_accounting_amount", "unutilisedaccountingamount", MONEY, OPTIONAL),
)

BALANCE = (
    Field("reseller_id", "", WHOLE, note="the reseller asked for"),
    Field("currency", "sellingcurrencysymbol", TEXT),
    Field("balance", "sellingcurrencybalance", MONEY),
    Field("locked_balance", "sellingcurrencylockedbalance", MONEY),
)
