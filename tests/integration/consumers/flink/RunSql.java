import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/** Runs SQL files in this process, as Flink's SQL client does with a cluster: {@code RunSql.java tables.sql job.sql}. */
public class RunSql {
    static final Pattern SET = Pattern.compile("SET '(.+)' = '(.+)'");

    public static void main(String[] files) throws Exception {
        var settings = new Configuration();
        var statements = new ArrayList<String>();
        for (var file : files) {
            for (var statement : Files.readString(Path.of(file)).replaceAll("(?m)^--.*$", "").split(";\\s*(\\n|$)")) {
                var set = SET.matcher(statement.strip());
                if (set.matches()) {
                    settings.setString(set.group(1), set.group(2));
                } else if (!statement.isBlank()) {
                    statements.add(statement);
                }
            }
        }
        var tables = TableEnvironment.create(EnvironmentSettings.newInstance().withConfiguration(settings).build());
        for (var statement : statements) {
            tables.executeSql(statement).await();
        }
    }
}
