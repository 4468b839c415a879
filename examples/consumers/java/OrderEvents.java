import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Lets each event of the orders topic have its effect once: {@code java -cp 'libs/*' OrderEvents.java order-events}.
 *
 * <p>Kafka gives an event again if this process is killed between the effect and the commit of the offset. So the
 * effect is one that may be repeated: a file, named by the event's {@code ce_id}. One that may not (an amount added to
 * a sum) goes into a database, in one transaction with the {@code ce_id}, which is the primary key of a table there.
 */
public class OrderEvents {
    static final String TOPIC = System.getenv().getOrDefault("BRIDGE_TOPIC_PREFIX", "newstore") + ".orders.v1";

    private final Path done;
    private final Path setAside;

    public static void main(String[] arguments) throws Exception {
        var events = new OrderEvents(Path.of(arguments[0]));
        try (var consumer = new KafkaConsumer<>(config(), new StringDeserializer(), new ByteArrayDeserializer())) {
            wakeUpWhenStopped(consumer);
            consumer.subscribe(List.of(TOPIC));
            while (true) {
                events.process(consumer);
            }
        } catch (WakeupException stopped) {
            System.err.println("stopped");
        }
    }

    OrderEvents(Path directory) throws IOException {
        done = Files.createDirectories(directory.resolve("done"));
        setAside = Files.createDirectories(directory.resolve("set-aside"));
    }

    static Map<String, Object> config() {
        var environment = System.getenv();
        var config = new HashMap<String, Object>();
        config.put("bootstrap.servers", environment.getOrDefault("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"));
        config.put("group.id", environment.getOrDefault("GROUP_ID", "order-events"));
        config.put("isolation.level", "read_committed"); // not the default; otherwise aborted events have effects
        config.put("auto.offset.reset", "earliest"); // a new group begins with the oldest event
        config.put("enable.auto.commit", "false"); // after a failure, it would commit what had no effect
        config.put("allow.auto.create.topics", "false"); // who only asks for a topic must not create it
        if (environment.containsKey("GROUP_INSTANCE_ID")) { // a lasting name: who comes back has its partitions at once
            config.put("group.instance.id", environment.get("GROUP_INSTANCE_ID"));
        }
        return config;
    }

    /** SIGTERM and Ctrl-C end the poll; the process waits until the consumer is closed. */
    static void wakeUpWhenStopped(KafkaConsumer<?, ?> consumer) {
        var main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try {
                main.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    /** Effects first, offsets afterwards: in the other order a kill in between would lose events. */
    void process(KafkaConsumer<String, byte[]> consumer) throws IOException, GeneralSecurityException {
        var records = consumer.poll(Duration.ofMillis(500));
        for (var record : records) {
            applyOnce(record);
        }
        consumer.commitAsync(); // one that fails is made up for by the next
    }

    /** Which event it is, the CloudEvents headers say. */
    void applyOnce(ConsumerRecord<String, byte[]> event) throws IOException, GeneralSecurityException {
        var id = header(event, "ce_id");
        // A conflict is another payload under a key that should be unique: for a person to look at.
        var effect = ("true".equals(header(event, "bridge_conflict")) ? setAside : done).resolve(fileName(id));
        var isNew = Files.notExists(effect);
        var time = header(event, "ce_time"); // null if the event's published_at is no time
        System.out.println(String.join(" ", isNew ? "new" : "again", header(event, "ce_type"), id, time));
        if (isNew) {
            apply(event, effect);
        }
    }

    /** Your effect; here the body, byte for byte, so that unknown types and fields and exact amounts are all kept. */
    static void apply(ConsumerRecord<String, byte[]> event, Path effect) throws IOException {
        var next = Path.of(effect + ".next");
        Files.write(next, event.value(), StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE, StandardOpenOption.DSYNC); // on the disk before it gets the name
        Files.move(next, effect, StandardCopyOption.ATOMIC_MOVE);
    }

    static String header(ConsumerRecord<?, ?> event, String name) {
        var header = event.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** An id may be longer than a file's name, and has slashes in it. */
    static String fileName(String id) throws GeneralSecurityException {
        var digest = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest) + ".json";
    }
}
