"use strict";
// What the topics of the NewStore-to-Kafka bridge hold, read as index.d.ts says.
const schema = require("./schemas/types.json");
const { asWritten, read } = require("./reading.js");

const events = new Map(
  Object.values(schema.$defs)
    .filter((type) => type.properties?.name?.const)
    .map((type) => [type.properties.name.const, type]),
);

/** The 42 names that NewStore documents. */
exports.eventNames = [...events.keys()];

/** All types as one JSON Schema; each alone is in `schemas/`. */
exports.schema = schema;

exports.isKnown = (event) => events.has(event.name);

exports.parseEvent = (value) => {
  const json = text(value);
  const event = JSON.parse(json);
  if (!isObject(event) || typeof event.tenant !== "string" || typeof event.name !== "string" || !isObject(event.payload)) {
    throw new TypeError("no event: it has no tenant, name and payload");
  }
  return read(events.get(event.name) ?? schema.$defs.Envelope, event, asWritten(json), schema.$defs);
};

exports.parseOrderState = (value) => parse(schema.$defs.OrderState, value);

exports.parseOrderLine = (value) => parse(schema.$defs.OrderLine, value);

function parse(type, value) {
  const json = text(value);
  const document = JSON.parse(json);
  if (!isObject(document) || !type.required.every((name) => Object.hasOwn(document, name))) {
    throw new TypeError(`no ${type.title}: a field that each has is not there`);
  }
  return read(type, document, asWritten(json), schema.$defs);
}

/** A byte order mark is let pass, as the bridge does. */
function text(value) {
  return typeof value === "string" ? value.replace(/^\uFEFF/, "") : new TextDecoder().decode(value);
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
