import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Base64;
import newstorebridge.events.Records;

/** Reads events, a value a line in base64, and prints what was read of each, as JSON. */
class Shows {
    public static void main(String[] none) throws Exception {
        ObjectMapper writer = new ObjectMapper();
        for (String line : new BufferedReader(new InputStreamReader(System.in)).lines().toList()) {
            System.out.println(writer.writeValueAsString(Records.parseEvent(Base64.getDecoder().decode(line))));
        }
    }
}
