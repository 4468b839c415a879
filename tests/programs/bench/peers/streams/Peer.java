import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The bridge's worker as one would write it with Kafka Streams: {@code Peer.java <prefix> <dedupe|fold> [name=value
 * ...]}, these being settings of Kafka Streams. Dedupe compares and writes the same row, and gives the same cleaned
 * records with the same headers. The fold gives one document of each order for each commit; it is simpler than the
 * bridge's: no gaps, no contradictions, no deadlines, no late events but by the time of what they change.
 */
public class Peer {
    static final String STORE = "seen";
    static final ObjectMapper JSON = new ObjectMapper();
    static final Map<String, String> AGGREGATES = Map.ofEntries(
        Map.entry("order", "orders"), Map.entry("fulfillment_request", "orders"), Map.entry("invoice", "orders"),
        Map.entry("return", "orders"), Map.entry("refund_request", "orders"), Map.entry("payment_account", "orders"),
        Map.entry("inventory_transaction", "inventory"), Map.entry("inventory_count", "inventory"),
        Map.entry("customer", "customers"), Map.entry("employee", "employees"),
        Map.entry("cash_drawer", "cash-drawers"), Map.entry("gift_card", "gift-cards"));

    public static void main(String[] arguments) throws InterruptedException {
        var prefix = arguments[0];
        var settings = new Properties();
        Arrays.stream(arguments).skip(2).map(each -> each.split("=", 2)).forEach(each -> settings.put(each[0], each[1]));
        var streams = new KafkaStreams(topology(prefix, arguments[1].equals("fold")), settings);
        var ended = new CountDownLatch(1);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.NOT_RUNNING || now == KafkaStreams.State.ERROR) {
                ended.countDown();
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
        ended.await();
    }

    static Topology topology(String prefix, boolean folds) {
        var builder = new StreamsBuilder();
        builder.addStateStore(
            Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.Bytes(), Serdes.ByteArray()));
        builder.stream(prefix + ".raw.v1", Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
            .process(Dedupe::new, STORE)
            .to((key, value, context) -> cleaned(prefix, header(context.headers(), "ce_type")),
                Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        if (folds) {
            builder.stream(prefix + ".orders.v1", Consumed.with(Serdes.String(), Serdes.ByteArray()))
                .groupByKey(Grouped.with(Serdes.String(), Serdes.ByteArray()))
                .aggregate(JSON::createObjectNode, Peer::fold, Materialized.with(Serdes.String(), documents()))
                .toStream().to(prefix + ".order-state.v1", Produced.with(Serdes.String(), documents()));
        }
        return builder.build();
    }

    static String cleaned(String prefix, String type) {
        return prefix + "." + AGGREGATES.getOrDefault(type.substring(0, type.indexOf('.')), "unknown") + ".v1";
    }

    static String header(Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    /** Drops what came again, and marks what differs under a known key. */
    static class Dedupe implements Processor<byte[], byte[], byte[], byte[]> {
        private ProcessorContext<byte[], byte[]> context;
        private KeyValueStore<Bytes, byte[]> seen;

        @Override
        public void init(ProcessorContext<byte[], byte[]> context) {
            this.context = context;
            this.seen = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            var headers = record.headers();
            var id = headers.lastHeader("ce_id").value();
            int slash = 0;
            while (id[slash] != '/') {
                slash++;
            }
            var key = Bytes.wrap(Arrays.copyOfRange(id, slash + 1, id.length));
            var hash = headers.lastHeader("bridge_payload_hash").value();
            var at = context.recordMetadata().orElseThrow();
            var first = seen.get(key);
            if (first != null && Arrays.equals(first, 21, first.length, hash, 0, hash.length)) {
                return;
            }
            if (first != null) {
                throw new IllegalStateException("no workload here has conflicts");
            }
            var row = ByteBuffer.allocate(21 + hash.length).put((byte) 1).putInt(at.partition()).putLong(at.offset())
                .putLong(record.timestamp()).put(hash).array();
            seen.put(key, row);
            var type = header(headers, "ce_type");
            var entityKey = headers.lastHeader("bridge_entity_key").value();
            var source = (at.partition() + ":" + at.offset()).getBytes(StandardCharsets.UTF_8);
            headers.add("bridge_source", source).add("ce_bridgesource", source);
            headers.add("ce_dataschema", ("urn:newstore:" + type).getBytes(StandardCharsets.UTF_8));
            headers.add("ce_subject", entityKey);
            context.forward(record.withKey(entityKey));
        }
    }

    /** The order after one more event. */
    static ObjectNode fold(String id, byte[] value, ObjectNode order) {
        try {
            var event = JSON.readTree(value);
            var name = event.path("name").asText();
            var at = event.path("published_at").asText().strip();
            var payload = event.path("payload");
            order.put("id", id).put("version", order.path("version").asInt() + 1);
            var entry = order.withArray("/timeline").addObject();
            entry.put("name", name).put("at", at).put("entity", payload.path("id").asText());
            switch (name) {
                case "order.created", "order.opened" -> {
                    for (var field : new String[] {"external_id", "created_at", "placed_at", "channel", "channel_type",
                        "currency", "subtotal", "discount_total", "shipping_total", "tax_total", "grand_total",
                        "customer_email", "shipping_address"}) {
                        if (payload.has(field)) {
                            order.set(field, payload.get(field));
                        }
                    }
                    payload.path("items").forEach(item -> {
                        var own = order.withObject("/items/" + item.path("id").asText());
                        own.set("product_id", item.path("product_id"));
                        own.set("quantity", item.path("quantity"));
                        own.set("list_price", item.path("list_price"));
                    });
                    status(order, name.equals("order.created") ? "created" : "open", at);
                }
                case "order.completed", "order.shipped", "order.cancelled", "order.items_cancelled",
                    "order.items_on_hold" -> {
                    var status = name.substring(name.lastIndexOf('_') < 0 ? 6 : name.indexOf('_') + 1);
                    payload.path("items").forEach(
                        item -> status(order.withObject("/items/" + item.path("id").asText()), status, at));
                    if (!name.startsWith("order.items")) {
                        status(order, status, at);
                    }
                }
                case "fulfillment_request.assigned", "fulfillment_request.items_ready_for_handover",
                    "fulfillment_request.items_completed", "fulfillment_request.items_failed" -> {
                    var request = order.withObject("/requests/" + payload.path("id").asText());
                    request.set("location", payload.path("fulfillment_location_id"));
                    request.set("service_level", payload.path("service_level"));
                    status(request, name.substring(20), at);
                    payload.path("items").forEach(
                        item -> status(order.withObject("/items/" + item.path("id").asText()), name.substring(20), at));
                }
                case "payment_account.amount_authorized", "payment_account.amount_captured",
                    "payment_account.amount_voided", "payment_account.amount_refunded" -> {
                    var action = name.substring(23);
                    payload.path("transactions").forEach(each -> {
                        var paid = order.withObject("/payments/" + action + ":" + each.path("id").asText());
                        paid.set("amount", each.path("amount"));
                        paid.set("currency", each.path("currency"));
                    });
                    var sum = BigDecimal.ZERO;
                    for (var each : order.path("payments").properties()) {
                        if (each.getKey().startsWith(action)) {
                            sum = sum.add(each.getValue().path("amount").decimalValue());
                        }
                    }
                    order.withObject("/payment_sums").put(action, sum);
                }
                case "return.processed", "refund_request.issued" -> {
                    var taken = order.withObject("/returns/" + payload.path("id").asText());
                    taken.set("amount", payload.path(payload.has("amount") ? "amount" : "total_refund_amount"));
                    taken.set("items", payload.path("items"));
                }
                default -> { }
            }
            return order;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** The latest says what it is, whenever it comes. */
    static void status(ObjectNode node, String status, String at) {
        if (at.compareTo(node.path("status_at").asText()) >= 0) {
            node.put("status", status).put("status_at", at);
        }
    }

    static Serde<ObjectNode> documents() {
        return Serdes.serdeFrom((topic, document) -> {
            try {
                return document == null ? null : JSON.writeValueAsBytes(document);
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }, (topic, bytes) -> {
            try {
                return bytes == null ? null : (ObjectNode) JSON.readTree(bytes);
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        });
    }
}
