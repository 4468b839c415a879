import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import newstorebridge.events.Envelope;
import newstorebridge.events.Event;
import newstorebridge.events.OrderState;
import newstorebridge.events.Records;

/**
 * Reads files of records, a value a line in base64, and prints how many there were, how many had a class of their own, and
 * how many states do not know what their orders are in exchange for.
 */
class Reads {
    public static void main(String[] files) throws Exception {
        int events = 0, states = 0, lines = 0, known = 0, untold = 0;
        for (String line : Files.readAllLines(Path.of(files[0]))) {
            Event event = Records.parseEvent(Base64.getDecoder().decode(line));
            events += event.getName().isEmpty() ? 0 : 1;
            known += event instanceof Envelope ? 0 : 1;
        }
        for (String line : Files.readAllLines(Path.of(files[1]))) {
            OrderState state = Records.parseOrderState(Base64.getDecoder().decode(line));
            states += state.getOrderId().isEmpty() ? 0 : 1;
            untold += state.getOrder().getExchanges() == null ? 1 : 0;
        }
        for (String line : Files.readAllLines(Path.of(files[2]))) {
            lines += Records.parseOrderLine(Base64.getDecoder().decode(line)).getLineId().isEmpty() ? 0 : 1;
        }
        System.out.println(events + " " + states + " " + lines + " " + known + " " + untold);
    }
}
