"use strict";
// A value read as its schema says: what NewStore writes in another type is made that type, what cannot be read is null.

const readers = {
  string: (value, written) => (typeof value === "string" ? value : typeof value === "number" ? written : null),
  number: (value) => finite(typeof value === "number" ? value : numberIn(value)),
  integer: (value) => whole(typeof value === "number" ? value : numberIn(value)),
  boolean: (value) => (typeof value === "boolean" ? value : null),
};

/** Read JSON with its numbers as the texts that they were written as, null where that is lost: Node before 22 tells none. */
exports.asWritten = (json) => JSON.parse(json, (_, value, context) => (typeof value === "number" ? textOf(value, context) : value));

function textOf(number, context) {
  return context?.source ?? (Number.isSafeInteger(number) ? String(number) : null);
}

/** Read `value`, which is `written` in JSON, by a schema of the reader's profile, whose references lead into `types`. */
exports.read = function read(schema, value, written, types) {
  if (schema.$ref !== undefined) {
    return read(types[schema.$ref.slice("#/$defs/".length)], value, written, types);
  }
  switch (typeOf(schema)) {
    case "object":
      return isObject(value) ? fields(schema, value, written, types) : mayBeNull(schema) ? null : {};
    case "array":
      if (schema["x-or-map"] !== undefined && isObject(value)) {
        return members(schema.items, entries(schema["x-or-map"], value), entries(schema["x-or-map"], written), types);
      }
      return Array.isArray(value) ? members(schema.items, value, written, types) : mayBeNull(schema) ? null : [];
    default:
      return readers[typeOf(schema)](value, written);
  }
};

function fields(schema, value, written, types) {
  const known = schema.properties ?? {};
  const others = typeof schema.additionalProperties === "object" ? schema.additionalProperties : null;
  const made = Object.entries(value).map(([name, member]) => {
    const of = Object.hasOwn(known, name) ? known[name] : others;
    return [name, of === null ? member : exports.read(of, member, written[name], types)];
  });
  return Object.fromEntries(made); // unlike an assignment it makes a field of __proto__, too
}

/** A map as the list that it stands for, whose objects have key and value under these names. */
function entries([key, of], map) {
  return Object.entries(map).map(([name, value]) => ({ [key]: name, [of]: value }));
}

/** What is no object is left out of a list of objects. */
function members(schema, value, written, types) {
  return value.flatMap((member, at) =>
    schema.$ref === undefined || isObject(member) ? [exports.read(schema, member, written[at], types)] : [],
  );
}

function typeOf(schema) {
  return Array.isArray(schema.type) ? schema.type.find((type) => type !== "null") : schema.type;
}

function mayBeNull(schema) {
  return Array.isArray(schema.type) && schema.type.includes("null");
}

function numberIn(value) {
  return typeof value === "string" && /^\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*$/.test(value) ? Number(value) : null;
}

/** JavaScript reads a number that is too large as Infinity. */
function finite(value) {
  return Number.isFinite(value) ? value : null;
}

/** Nor is one beyond 2^53 as it was written. */
function whole(value) {
  return Number.isSafeInteger(value) ? value : null;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
