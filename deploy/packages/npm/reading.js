"use strict";
// A value read as its schema says: what NewStore writes in another type is made that type, what cannot be read is null.

const readers = {
  string: (value) => (typeof value === "string" ? value : typeof value === "number" ? String(value) : null),
  number: (value) => (typeof value === "number" ? value : numberIn(value)),
  integer: (value) => whole(typeof value === "number" ? value : numberIn(value)),
  boolean: (value) => (typeof value === "boolean" ? value : null),
};

/** Read `value` by a schema of the reader's profile, whose references lead into `types`. */
exports.read = function read(schema, value, types) {
  if (schema.$ref !== undefined) {
    return read(types[schema.$ref.slice("#/$defs/".length)], value, types);
  }
  switch (typeOf(schema)) {
    case "object":
      return isObject(value) ? fields(schema, value, types) : null;
    case "array":
      return Array.isArray(value) ? members(schema.items, value, types) : mayBeNull(schema) ? null : [];
    default:
      return readers[typeOf(schema)](value);
  }
};

function fields(schema, value, types) {
  const known = schema.properties ?? {};
  const others = typeof schema.additionalProperties === "object" ? schema.additionalProperties : null;
  const made = Object.entries(value).map(([name, member]) => {
    const of = Object.hasOwn(known, name) ? known[name] : others;
    return [name, of === null ? member : exports.read(of, member, types)];
  });
  return Object.fromEntries(made); // unlike an assignment it makes a field of __proto__, too
}

/** What is no object is left out of a list of objects. */
function members(schema, value, types) {
  const read = value.map((member) => exports.read(schema, member, types));
  return schema.$ref === undefined ? read : read.filter((member) => member !== null);
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

function whole(value) {
  return Number.isInteger(value) ? value : null;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
