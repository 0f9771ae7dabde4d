-- A number or an id was given to two documents.
SELECT number, count(*) AS documents
FROM billing.document
GROUP BY number
HAVING count(*) > 1
UNION ALL
SELECT document_id, count(*) AS documents
FROM billing.document
GROUP BY document_id
HAVING count(*) > 1;
