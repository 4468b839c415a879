package newstorebridge.events;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.deser.ValueInstantiator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * Reads what the topics hold. A field that cannot be read as its type is null, and fields that nobody knows are kept as
 * additional properties: an event never fails because of its payload. Safe for use by several threads.
 */
public final class Records {
    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .addHandler(new NullForTheUnreadable())
                    .build();

    private Records() {}

    /**
     * Read the value of a record of any topic of events.
     *
     * @return an object of the event's own class, such as {@link OrderOpened}; an {@link Envelope} if its name is new
     * @throws IOException it is no event
     */
    public static Event parseEvent(byte[] value) throws IOException {
        JsonNode event = MAPPER.readTree(value);
        JsonNode name = event.path("name");
        if (!event.path("tenant").isTextual() || !name.isTextual() || !event.path("payload").isObject()) {
            throw new IOException("no event: it has no tenant, name and payload");
        }
        return MAPPER.treeToValue(event, EventTypes.BY_NAME.getOrDefault(name.textValue(), Envelope.class));
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
        JsonNode document = MAPPER.readTree(value);
        if (!document.path("order_id").isTextual()) {
            throw new IOException("no " + type.getSimpleName() + ": it has no order_id");
        }
        return MAPPER.treeToValue(document, type);
    }

    private static final class NullForTheUnreadable extends DeserializationProblemHandler {
        @Override
        public Object handleUnexpectedToken(
                DeserializationContext context, JavaType type, JsonToken token, JsonParser parser, String message)
                throws IOException {
            parser.skipChildren();
            return null;
        }

        @Override
        public Object handleWeirdStringValue(
                DeserializationContext context, Class<?> type, String value, String message) {
            return null;
        }

        @Override
        public Object handleWeirdNumberValue(
                DeserializationContext context, Class<?> type, Number value, String message) {
            return null;
        }

        @Override
        public Object handleMissingInstantiator(
                DeserializationContext context,
                Class<?> type,
                ValueInstantiator instantiator,
                JsonParser parser,
                String message)
                throws IOException {
            parser.skipChildren();
            return null;
        }
    }
}
