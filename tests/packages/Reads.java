import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import newstorebridge.events.Envelope;
import newstorebridge.events.Event;
import newstorebridge.events.Records;

/** Reads files of records, a value a line in base64, and prints how many there were, and how many had a class of their own. */
class Reads {
    public static void main(String[] files) throws Exception {
        int events = 0, states = 0, lines = 0, known = 0;
        for (String line : Files.readAllLines(Path.of(files[0]))) {
            Event event = Records.parseEvent(Base64.getDecoder().decode(line));
            events += event.getName().isEmpty() ? 0 : 1;
            known += event instanceof Envelope ? 0 : 1;
        }
        for (String line : Files.readAllLines(Path.of(files[1]))) {
            states += Records.parseOrderState(Base64.getDecoder().decode(line)).getOrderId().isEmpty() ? 0 : 1;
        }
        for (String line : Files.readAllLines(Path.of(files[2]))) {
            lines += Records.parseOrderLine(Base64.getDecoder().decode(line)).getLineId().isEmpty() ? 0 : 1;
        }
        System.out.println(events + " " + states + " " + lines + " " + known);
    }
}
