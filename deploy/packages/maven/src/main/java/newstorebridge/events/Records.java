package newstorebridge.events;

import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * Reads what the topics hold. A field that cannot be read as its type is null, a list empty, and fields that nobody
 * knows are kept as additional properties: an event never fails because of its payload. Safe for use by several threads.
 */
public final class Records {
    private static final JsonMapper EVENTS = TolerantMapper.of(Nulls.AS_EMPTY);
    private static final JsonMapper DOCUMENTS = TolerantMapper.of(Nulls.SET);

    private Records() {}

    /**
     * Read the value of a record of any topic of events.
     *
     * @return an object of the event's own class, such as {@link OrderOpened}; an {@link Envelope} if its name is new
     * @throws IOException it is no event
     */
    public static Event parseEvent(byte[] value) throws IOException {
        JsonNode event = look(value);
        JsonNode name = event.path("name");
        if (!event.path("tenant").isTextual() || !name.isTextual() || !event.path("payload").isObject()) {
            throw new IOException("no event: it has no tenant, name and payload");
        }
        return EVENTS.readValue(value, EventTypes.BY_NAME.getOrDefault(name.textValue(), Envelope.class));
    }

    /**
     * Read the value of a record of the order-state topic, where a record without a value deletes the order.
     *
     * @throws IOException it is no order state
     */
    public static OrderState parseOrderState(byte[] value) throws IOException {
        return parse(value, OrderState.class);
    }

    /**
     * Read the value of a record of the topic of order lines, where a record without a value deletes the line.
     *
     * @throws IOException it is no order line
     */
    public static OrderLine parseOrderLine(byte[] value) throws IOException {
        return parse(value, OrderLine.class);
    }

    private static <T> T parse(byte[] value, Class<T> type) throws IOException {
        if (!look(value).path("order_id").isTextual()) {
            throw new IOException("no " + type.getSimpleName() + ": it has no order_id");
        }
        return DOCUMENTS.readValue(value, type);
    }

    /** Objects are read of the text itself: in a tree numbers are no longer as they were written. */
    private static JsonNode look(byte[] value) throws IOException {
        return EVENTS.reader().without(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).readTree(value);
    }
}
