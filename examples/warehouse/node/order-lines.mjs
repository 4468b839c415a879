// Keep each order line as a file, named by a hash of its key, and its partition: `node order-lines.mjs lines`. It runs
// until it is stopped. Of a line that moved to another partition the deletion from the old one may be read last.
//
// The effect comes first and can be repeated, the offset is committed behind it: whatever ends this process, the next
// one goes on, and does at most the last batch again. What comes last holds: an order that begins anew has smaller versions.
import { createHash } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";

const [folder] = process.argv.slice(2);
const topic = `${process.env.BRIDGE_TOPIC_PREFIX ?? "newstore"}.order-lines.v1`;
const brokers = (process.env.BRIDGE_KAFKA_BOOTSTRAP_SERVERS ?? "127.0.0.1:9092").split(",");
const consumer = new Kafka({ brokers, clientId: "order-lines", logLevel: logLevel.ERROR }).consumer({
  groupId: process.env.GROUP_ID ?? "order-lines",
  allowAutoTopicCreation: false, // kafkajs's default creates a topic that is not there, and not as the bridge needs it
  sessionTimeout: 10_000, // one that was killed is missed after that
  readUncommitted: false, // kafkajs's default: otherwise lines that were aborted come, too
});

async function take({ key, value }, partition) {
  const file = join(folder, `${createHash("sha256").update(key).digest("hex")}-${partition}.json`);
  if (value === null) return rm(file, { force: true }); // the line is gone
  await writeFile(`${file}.new`, value); // amounts are texts: nothing is lost
  await rename(`${file}.new`, file);
}

// Where kafkajs gives up, the process would end with 0, as if it had been stopped.
consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || process.exit(1));
await mkdir(folder, { recursive: true });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  eachBatch: async ({ batch, heartbeat, isRunning, isStale }) => {
    for (const message of batch.messages) {
      if (!isRunning() || isStale()) return;
      await take(message, batch.partition);
      const offset = (BigInt(message.offset) + 1n).toString();
      if (BigInt(message.offset) % 100n === 0n || message === batch.messages.at(-1)) {
        await consumer.commitOffsets([{ topic, partition: batch.partition, offset }]);
        await heartbeat();
      }
    }
  },
});
const stop = () => consumer.disconnect().then(() => process.exit(0));
process.on("SIGTERM", stop).on("SIGINT", stop);
