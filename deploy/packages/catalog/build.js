// Static pages of the AsyncAPI document (argument 1) in a folder (argument 2), with an index to search: of each topic,
// its headers, each message, and each field, by its place on the page.
import Generator from "@asyncapi/generator";
import { readFile, writeFile } from "node:fs/promises";
import { createIndex } from "pagefind";

const SEARCH = `<link href="pagefind/pagefind-ui.css" rel="stylesheet">
<style>html { scroll-padding-top: 5rem } .prose code::before, .prose code::after { content: none !important }</style>
<div id="search" style="position: sticky; top: 0; z-index: 20; max-width: 48rem; margin: 0 auto; padding: 0.5rem; background: white"></div>
<script src="pagefind/pagefind-ui.js"></script>
<script>new PagefindUI({ element: "#search", showImages: false, resetStyles: false, translations: { placeholder: "Search topics, headers, events and fields" } });</script>`;

const [document, site] = process.argv.slice(2);
const asyncapi = JSON.parse(await readFile(document, "utf8"));
const { messages, messageTraits, schemas } = asyncapi.components;

const generator = new Generator("@asyncapi/html-template", site, { forceWrite: true });
await generator.generateFromFile(document);

const { index } = await createIndex();
const places = new Set();
for (const [name, channel] of Object.entries(asyncapi.channels)) {
  const place = `operation-send-send.${name}`;
  await record(place, channel.address, `${name}. ${channel.title}. ${channel.description}`, "topic");
  for (const [header, about] of headers(channel)) {
    await record(place, `${header}, a header of ${channel.address}`, `${header}. ${about}`, "header", header);
  }
}
for (const [name, message] of Object.entries(messages)) {
  const words = new Set([message.title, message.summary, schemaOf(message.payload)?.description]);
  await record(`message-${name}`, message.title, [...words].filter(Boolean).join(". "), "message");
  for (const [field, about] of fields(schemaOf(message.payload))) {
    await record(`message-${name}`, `${field} in ${message.title}`, `${field}. ${about}`, "field", field);
  }
}
const { errors } = await index.writeFiles({ outputPath: `${site}/pagefind` });
if (errors.length > 0) throw new Error(errors.join("\n"));

const page = await readFile(`${site}/index.html`, "utf8");
const absent = [...places].filter((place) => !page.includes(`id="${place}"`));
if (absent.length > 0) throw new Error(`the search leads to places that no page has: ${absent.join(", ")}`);
await writeFile(`${site}/index.html`, page.replace(/<body[^>]*>/, (body) => `${body}\n${SEARCH}`));
process.exit(0); // the generator leaves handles open

/** Of records with the same address only one is kept, so that a field, which has no place of its own, is in the address. */
async function record(place, title, content, kind, field = "") {
  places.add(place);
  const url = `/index.html${field && `?field=${encodeURIComponent(field)}`}#${place}`;
  const added = await index.addCustomRecord({ url, content, language: "en", meta: { title }, filters: { kind: [kind] } });
  if (added.errors.length > 0) throw new Error(added.errors.join("\n"));
}

function schemaOf(schema) {
  return schema?.$ref ? schemas[last(schema.$ref)] : schema;
}

function last(reference) {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

/** The headers of a topic's records and what is said of each; they are those of its messages' traits. */
function headers(channel) {
  const traits = Object.values(channel.messages).flatMap((message) => messages[last(message.$ref)].traits);
  const found = traits.flatMap((trait) => [...fields(schemaOf(messageTraits[last(trait.$ref)].headers))]);
  return new Map(found);
}

/** Each field by its path, parts of parts too; a type within itself once. */
function* fields(schema, path = "", around = []) {
  for (const [name, field] of Object.entries(schema?.properties ?? {})) {
    const of = schemaOf(field.items ?? field);
    const where = path + name;
    yield [where, field.description ?? of?.description ?? ""];
    if (!around.includes(of)) yield* fields(of, `${where}.`, [...around, of]);
    const member = of?.additionalProperties;
    if (typeof member === "object") yield* fields(schemaOf(member), `${where}.{}.`, [...around, of]);
  }
}
