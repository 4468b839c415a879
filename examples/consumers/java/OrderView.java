import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Keeps the latest state of every order: {@code java -cp 'libs/*' OrderView.java order-view.properties}.
 *
 * <p>The view is in memory. From time to time it is saved, together with its positions, in one file that is replaced as
 * a whole. So whatever ends this process, the view in the file is exactly that of its positions, and the next start
 * goes on from there. For more than some hundred thousand orders, write both to a database, in one transaction.
 */
public class OrderView {
    static final String TOPIC = System.getenv().getOrDefault("BRIDGE_TOPIC_PREFIX", "newstore") + ".order-state.v1";
    static final Map<String, Object> CONFIG = Map.of(
        "bootstrap.servers", System.getenv().getOrDefault("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
        "isolation.level", "read_committed", // not the default; otherwise states that were aborted get into the view
        "enable.auto.commit", "false", // the positions are in the file
        "auto.offset.reset", "none", // a position that Kafka does not have must not silently become another one
        "allow.auto.create.topics", "false"); // who only asks for a topic must not create it
    /** Kafka forgets that an order was deleted after 7 days: who comes back later would keep it for ever. */
    static final Duration LONGEST_ABSENCE = Duration.ofDays(6);

    private final Path file;
    /**
     * {@code order.<partition>.<id>}: its JSON, as it is; {@code position.<partition>}: the next offset; {@code at_end}:
     * ms. An order is in one partition, until the topic gets more: then its deletion from the old one may be read last.
     */
    private final Properties view = new Properties();
    private long nextSave;

    public static void main(String[] arguments) throws IOException {
        var text = new StringDeserializer();
        try (var consumer = new KafkaConsumer<>(CONFIG, text, text)) {
            new OrderView(Path.of(arguments[0])).follow(consumer);
        }
    }

    /** A view that has not been at the end for too long begins anew. */
    OrderView(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            try (var input = Files.newInputStream(file)) {
                view.load(input);
            }
        }
        long now = System.currentTimeMillis();
        if (Long.parseLong(view.getProperty("at_end", "0")) < now - LONGEST_ABSENCE.toMillis()) {
            view.clear();
            view.setProperty("at_end", Long.toString(now));
        }
    }

    /** Takes what comes, for ever, and says so once everything that was there has been read. */
    void follow(KafkaConsumer<String, String> consumer) throws IOException {
        assign(consumer);
        boolean changed = false;
        boolean caughtUp = false;
        long read = 0;
        while (true) {
            var records = consumer.poll(Duration.ofMillis(500));
            records.forEach(this::takeOver);
            read += records.count();
            changed |= takeOverPositions(consumer);
            boolean atEnd = consumer.assignment().stream().allMatch(at -> consumer.currentLag(at).orElse(1) == 0);
            if (changed && System.currentTimeMillis() > nextSave) {
                save(atEnd);
                changed = false;
            }
            if (atEnd && !caughtUp) {
                caughtUp = true;
                long orders = view.stringPropertyNames().stream().filter(name -> name.startsWith("order.")).count();
                System.out.printf("caught up: %d orders, %d records read%n", orders, read);
            }
        }
    }

    void assign(KafkaConsumer<String, String> consumer) {
        consumer.assign(consumer.partitionsFor(TOPIC).stream()
            .map(partition -> new TopicPartition(TOPIC, partition.partition())).toList());
        for (var partition : consumer.assignment()) {
            var position = view.getProperty("position." + partition.partition());
            if (position == null) {
                consumer.seekToBeginning(List.of(partition)); // a new view
            } else {
                consumer.seek(partition, Long.parseLong(position));
            }
        }
    }

    /** The order's new state; null: it is deleted. */
    void takeOver(ConsumerRecord<String, String> record) {
        view.compute("order." + record.partition() + "." + record.key(), (name, state) -> record.value());
    }

    /** Whether any has moved. They pass over transaction markers, which no record shows. */
    boolean takeOverPositions(KafkaConsumer<?, ?> consumer) {
        boolean moved = false;
        for (var partition : consumer.assignment()) {
            var position = Long.toString(consumer.position(partition));
            moved |= !position.equals(view.setProperty("position." + partition.partition(), position));
        }
        return moved;
    }

    /** Replaces the file as a whole, and leaves nine tenths of the time to reading. */
    void save(boolean atEnd) throws IOException {
        long now = System.currentTimeMillis();
        if (atEnd) {
            view.setProperty("at_end", Long.toString(now));
        }
        var next = Path.of(file + ".next");
        try (var output = new FileOutputStream(next.toFile())) {
            view.store(output, null);
            output.getFD().sync(); // on the disk before it gets the name
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        nextSave = now + Math.max(1000, 10 * (System.currentTimeMillis() - now));
    }
}
