package newstorebridge.events;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.std.UntypedObjectDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/** Texts, numbers and flags, read of what stands in the JSON, digit for digit: Jackson's own fail, or guess. */
final class Scalars {
    /** The amounts of the bridge: what is longer is absurd, and costs a reader dear. */
    private static final Pattern DECIMAL = Pattern.compile("-?\\d{1,30}(?:\\.\\d{1,30})?(?:[eE][+-]?\\d{1,2})?");

    private Scalars() {}

    static SimpleModule module() {
        return new SimpleModule()
                .addDeserializer(String.class, new Scalar<>(Scalars::text))
                .addDeserializer(BigDecimal.class, new Scalar<>(Scalars::decimal))
                .addDeserializer(Long.class, new Scalar<>(Scalars::whole))
                .addDeserializer(Boolean.class, new Scalar<>(Scalars::flag))
                .addDeserializer(Object.class, new Unknown());
    }

    private static String text(JsonToken token, String written) {
        boolean isNumber = token.isNumeric() && Character.isDigit(written.charAt(written.length() - 1)); // no NaN
        return token == JsonToken.VALUE_STRING || isNumber ? written : null;
    }

    private static BigDecimal decimal(JsonToken token, String written) {
        String number = written.strip();
        boolean isDecimal = !token.isBoolean() && DECIMAL.matcher(number).matches();
        return isDecimal ? new BigDecimal(number) : null;
    }

    private static Long whole(JsonToken token, String written) {
        BigDecimal number = decimal(token, written);
        try {
            return number == null ? null : Long.valueOf(number.longValueExact());
        } catch (ArithmeticException fractionOrTooLarge) {
            return null;
        }
    }

    private static Boolean flag(JsonToken token, String written) {
        return token.isBoolean() ? Boolean.valueOf(written) : null;
    }

    private static final class Scalar<T> extends JsonDeserializer<T> {
        private final BiFunction<JsonToken, String, T> read;

        Scalar(BiFunction<JsonToken, String, T> read) {
            this.read = read;
        }

        @Override
        public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (parser.currentToken().isScalarValue()) {
                return read.apply(parser.currentToken(), parser.getText());
            }
            parser.skipChildren();
            return null;
        }
    }

    /** What fields that nobody knows hold. A number that no BigDecimal can be stays text. */
    private static final class Unknown extends UntypedObjectDeserializer {
        private static final long serialVersionUID = 1L;

        Unknown() {
            super(null, null);
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            try {
                return super.deserialize(parser, context);
            } catch (NumberFormatException exponentTooLong) {
                return parser.getText();
            }
        }
    }
}
