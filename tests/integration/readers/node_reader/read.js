// Reads topics with kafkajs, which knows gzip and no other codec without a plug-in, and asks the CloudEvents SDK about
// each record: node read.js <servers> <group> <{topic: records}>. Prints {topic: summary}, see summaries.py.
import { CloudEvent, Kafka as Binding } from "cloudevents";
import { Kafka, logLevel } from "kafkajs";

const [servers, groupId, expected] = process.argv.slice(2);
const wanted = JSON.parse(expected);
const found = Object.fromEntries(
  Object.keys(wanted).map((topic) => [topic, { records: 0, bytes: 0, deletions: 0, types: {}, attributes: {} }]),
);

const consumer = new Kafka({ brokers: [servers], logLevel: logLevel.ERROR }).consumer({ groupId });
const done = Promise.withResolvers ? Promise.withResolvers() : deferred();
await consumer.connect();
await consumer.subscribe({ topics: Object.keys(wanted), fromBeginning: true });
consumer.on(consumer.events.CRASH, ({ payload }) => done.reject(payload.error));
await consumer.run({ eachMessage: async ({ topic, message }) => add(topic, message) });
await done.promise;
await consumer.disconnect();
console.log(JSON.stringify(found));

function add(topic, { headers, key, value }) {
  const summary = found[topic];
  summary.records += 1;
  summary.bytes += value?.length ?? 0;
  try {
    const texts = Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, String(bytes)]));
    if (!Binding.isEvent({ headers: texts })) summary.deletions += value === null ? 1 : 0;
    else count(summary, Binding.toEvent({ headers: texts, key: key && String(key), value }));
  } catch (error) {
    done.reject(error);
  }
  if (Object.keys(wanted).every((name) => found[name].records >= wanted[name])) done.resolve();
}

function count(summary, event) {
  // Without what is no attribute of the record: the key, which is bytes in quarantine, and the data.
  const { data, data_base64, partitionkey, ...attributes } = event;
  new CloudEvent(attributes).validate();
  summary.types[event.type] = (summary.types[event.type] ?? 0) + 1;
  for (const [name, text] of Object.entries(attributes)) {
    if (text !== undefined && name !== "time") summary.attributes[name] = (summary.attributes[name] ?? 0) + 1;
  }
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
