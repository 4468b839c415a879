package newstorebridge.events;

/** What every event says of itself. */
public interface Event {
    /** The NewStore tenant. */
    String getTenant();

    /** What happened, such as {@code order.opened}. */
    String getName();

    /** When NewStore generated the event: a date-time, UTC if it has no zone; null if there is none. */
    String getPublishedAt();
}
