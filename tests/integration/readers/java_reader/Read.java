import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.CloudEventDeserializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics with the Java client and asks the CloudEvents SDK about each record: {@code Read.java <servers> <topic>
 * ...}. Prints {@code {topic: summary}}, see summaries.py.
 */
public class Read {
    static final CloudEventDeserializer SDK = new CloudEventDeserializer();

    int records;
    long bytes;
    int deletions;
    final Map<String, Integer> types = new TreeMap<>();
    final Map<String, Integer> attributes = new TreeMap<>();

    public static void main(String[] arguments) {
        var found = new TreeMap<String, Read>();
        var topics = Arrays.asList(arguments).subList(1, arguments.length);
        topics.forEach(topic -> found.put(topic, new Read()));
        Map<String, Object> config = Map.of("bootstrap.servers", arguments[0], "isolation.level", "read_committed");
        var bytes = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(config, bytes, bytes)) {
            var partitions = partitions(consumer, topics);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                for (var record : consumer.poll(Duration.ofMillis(500))) {
                    found.get(record.topic()).add(record);
                }
            }
        }
        System.out.println(found.entrySet().stream()
            .map(each -> text(each.getKey()) + ":" + each.getValue().json()).collect(Collectors.joining(",", "{", "}")));
    }

    static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, List<String> topics) {
        var found = new ArrayList<TopicPartition>();
        for (var topic : topics) {
            consumer.partitionsFor(topic).forEach(each -> found.add(new TopicPartition(topic, each.partition())));
        }
        return found;
    }

    void add(ConsumerRecord<byte[], byte[]> record) {
        records++;
        if (record.value() == null) { // what the consumer gives to no deserializer
            deletions++;
            return;
        }
        bytes += record.value().length;
        CloudEvent event = SDK.deserialize(record.topic(), record.headers(), record.value());
        types.merge(event.getType(), 1, Integer::sum);
        for (var name : event.getAttributeNames()) {
            if (event.getAttribute(name) != null && !name.equals("time")) {
                attributes.merge(name, 1, Integer::sum);
            }
        }
        event.getExtensionNames().forEach(name -> attributes.merge(name, 1, Integer::sum));
    }

    String json() {
        return "{\"records\":" + records + ",\"bytes\":" + bytes + ",\"deletions\":" + deletions + ",\"types\":"
            + json(types) + ",\"attributes\":" + json(attributes) + "}";
    }

    static String json(Map<String, Integer> counts) {
        return counts.entrySet().stream().map(each -> text(each.getKey()) + ":" + each.getValue())
            .collect(Collectors.joining(",", "{", "}"));
    }

    static String text(String plain) {
        return '"' + plain + '"'; // names of topics, events and attributes: nothing to escape
    }
}
