// Reads topics with @platformatic/kafka: node platformatic.js <servers> <group> <{topic: records}>. Prints
// {topic: {records, bytes}}.
import { Consumer, MessagesStreamModes } from "@platformatic/kafka";

const [servers, groupId, expected] = process.argv.slice(2);
const wanted = JSON.parse(expected);
const topics = Object.keys(wanted);
const found = Object.fromEntries(topics.map((topic) => [topic, { records: 0, bytes: 0 }]));

const consumer = new Consumer({ clientId: "reader", groupId, bootstrapBrokers: [servers] });
const stream = await consumer.consume({ topics, mode: MessagesStreamModes.EARLIEST, autocommit: false });
for await (const { topic, value } of stream) {
  found[topic].records += 1;
  found[topic].bytes += value?.length ?? 0;
  if (topics.every((name) => found[name].records >= wanted[name])) break;
}
await consumer.close(true);
console.log(JSON.stringify(found));
