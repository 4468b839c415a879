// Prints what the official parser says of each document named: {path: [{severity, path, message}]}. Severity 0 is an
// error, 1 a warning, 2 and 3 are hints.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const parser = new Parser();
const found = {};
for (const path of process.argv.slice(2)) {
  const { document, diagnostics } = await parser.parse(readFileSync(path, "utf8"));
  found[path] = diagnostics.map(({ severity, path, message }) => ({ severity, path: path.join("/"), message }));
  if (document === undefined && diagnostics.length === 0) throw new Error(`${path}: not parsed, and nothing said`);
}
console.log(JSON.stringify(found));
