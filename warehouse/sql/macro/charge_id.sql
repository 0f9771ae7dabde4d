-- Stands for what is priced as one.
CREATE OR REPLACE MACRO billing.charge_id(
    month, side, entity, billed_customer, customer, vendor, connection, currency, sku, dimension
) AS md5(concat_ws(
    '|',
    'charge',
    CAST(month AS VARCHAR),
    side,
    entity,
    billed_customer,
    customer,
    vendor,
    connection,
    currency,
    sku,
    dimension
));
