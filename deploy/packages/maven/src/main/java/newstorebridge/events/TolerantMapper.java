package newstorebridge.events;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.deser.ValueInstantiator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Jackson, as the models of the bridge read: what cannot be read is null, a list empty, and of a list without what is
 * none of its members. The bridge bounds bodies and how deep they nest; it accepts numbers and names of any length.
 */
final class TolerantMapper {
    private TolerantMapper() {}

    /** {@code nullList}: what a list that is null becomes; order states say with it what is not known. */
    static JsonMapper of(Nulls nullList) {
        return JsonMapper.builder(boundless())
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .addModule(Scalars.module())
                .withCoercionConfigDefaults(
                        config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.AsNull))
                .withCoercionConfig(
                        LogicalType.Collection,
                        config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.AsEmpty))
                .withConfigOverride(
                        List.class,
                        config -> config.setSetterInfo(JsonSetter.Value.forValueNulls(nullList, Nulls.SKIP)))
                .addHandler(new NothingForTheUnreadable())
                .build();
    }

    /** The JDK's own way to read a number takes minutes for one of millions of digits: its time grows with the square. */
    private static JsonFactory boundless() {
        return JsonFactory.builder()
                .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNumberLength(Integer.MAX_VALUE)
                        .maxNameLength(Integer.MAX_VALUE)
                        .build())
                .build();
    }

    private static final class NothingForTheUnreadable extends DeserializationProblemHandler {
        @Override
        public Object handleUnexpectedToken(
                DeserializationContext context, JavaType type, JsonToken token, JsonParser parser, String message)
                throws IOException {
            if (token == JsonToken.START_OBJECT && isOfTransaction(type, parser)) {
                return attributes(context, parser);
            }
            parser.skipChildren();
            return type.isCollectionLikeType() ? new ArrayList<>() : null;
        }

        /** There, a map of values by name may stand for the list: the schemas say so by {@code x-or-map}. */
        private static boolean isOfTransaction(JavaType type, JsonParser parser) {
            JavaType members = type.getContentType();
            return members != null
                    && members.hasRawClass(ExtendedAttribute.class)
                    && parser.getParsingContext().getParent().getCurrentValue() instanceof Transaction;
        }

        private static List<ExtendedAttribute> attributes(DeserializationContext context, JsonParser parser)
                throws IOException {
            List<ExtendedAttribute> read = new ArrayList<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                ExtendedAttribute attribute = new ExtendedAttribute();
                attribute.setName(parser.currentName());
                parser.nextToken();
                attribute.setValue(context.readValue(parser, String.class));
                read.add(attribute);
            }
            return read;
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
