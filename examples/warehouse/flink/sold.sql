-- What was sold of each product, kept as a topic of your own, in Flink's SQL client:
--
--     bridge schema ddl --for flink --table order-lines > tables.sql
--     sql-client.sh -i tables.sql -f sold.sql
--
-- A newer record of a line takes back what the one before it said, a tombstone takes it back for good. Flink keeps the
-- positions and all that it has counted in checkpoints: start it again from the newest one, and it goes on from there.
SET 'execution.checkpointing.interval' = '10 s';
SET 'execution.checkpointing.dir' = 'file:///tmp/sold/checkpoints';
SET 'execution.checkpointing.externalized-checkpoint-retention' = 'RETAIN_ON_CANCELLATION';
-- SET 'execution.state-recovery.path' = 'file:///tmp/sold/checkpoints/<job>/chk-<number>';

CREATE TABLE IF NOT EXISTS sold (
    product_id STRING NOT NULL,
    pieces BIGINT,
    PRIMARY KEY (product_id) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'reports.sold.v1',
    'properties.bootstrap.servers' = '127.0.0.1:9092',
    'key.format' = 'json',
    'value.format' = 'json'
);

INSERT INTO sold
SELECT product_id, SUM(quantity - COALESCE(cancelled_quantity, 0) - returned_quantity) AS pieces
FROM order_lines
WHERE product_id IS NOT NULL AND line_status NOT IN ('cancelled', 'replaced')
GROUP BY product_id;
