// Shortens the names of the WebAssembly's imports and exports: node xtask/shorten.mjs in.wasm in.js out.wasm out.js
//
// wasm-bindgen calls each import `__wbg_focus_d5e2fdbdb56416f0`: 140 names whose hashes no compression removes, in both
// files. As `0`, `1`, … they save 3.4 KB (brotli) of what a visitor loads; exports as `e0`, `e1`, … another 0.5 KB. Exports
// that the glue does not use go. wasm-opt has such a pass for Emscripten alone.
import { readFileSync, writeFileSync } from "node:fs";

const [wasmIn, glueIn, wasmOut, glueOut] = process.argv.slice(2);
const IMPORTS = 2;
const EXPORTS = 7;
const bytes = readFileSync(wasmIn);
let at = 8;

/** Reads an unsigned LEB128 number. */
function number() {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return value;
  }
}

/** Writes one. */
function encoded(value) {
  const out = [];
  for (; value > 127; value >>>= 7) out.push((value & 127) | 128);
  return Buffer.from([...out, value]);
}

function text() {
  const length = number();
  return bytes.toString("utf8", at, (at += length));
}

const named = (name) => Buffer.concat([encoded(Buffer.byteLength(name)), Buffer.from(name)]);

function limits() {
  const flags = number();
  number();
  if (flags & 1) number();
}

/** Steps over what is imported: a function, table, memory, global or tag. */
function description() {
  const start = at;
  const kind = bytes[at++];
  if (kind === 0) number();
  else if (kind === 1) at++, limits();
  else if (kind === 2) limits();
  else if (kind === 3) at += 2;
  else at++, number();
  return bytes.subarray(start, at);
}

let glue = readFileSync(glueIn, "utf8");

/** Renames a key of the glue's object of imports; a name that is not there means that wasm-bindgen writes another form. */
function rename(key, short) {
  const pattern = new RegExp(`(?<=[{,]\\s*)"?${key.replace(/[.$/]/g, "\\$&")}"?(?=\\s*:)`);
  if (!pattern.test(glue)) throw new Error(`${glueIn} has no import ${key}`);
  glue = glue.replace(pattern, JSON.stringify(short));
}

/** Renames an export where the glue uses it; false where it does not. */
function renamed(name, short) {
  const pattern = new RegExp(`(?<=\\bwasm\\.)${name}\\b`, "g");
  const used = pattern.test(glue);
  glue = glue.replace(pattern, short);
  return used;
}

const sections = [bytes.subarray(0, 8)];

function push(section, parts) {
  const body = Buffer.concat(parts);
  sections.push(Buffer.from([section]), encoded(body.length), body);
}

while (at < bytes.length) {
  const start = at;
  const section = bytes[at++];
  const end = number() + at;
  if (section === IMPORTS) {
    const count = number();
    const parts = [encoded(count)];
    for (let index = 0; index < count; index++) {
      const module = text();
      const name = text();
      if (index === 0) rename(module, "a");
      rename(name, index.toString(36));
      parts.push(named("a"), named(index.toString(36)), description());
    }
    push(section, parts);
  } else if (section === EXPORTS) {
    const count = number();
    const parts = [];
    for (let index = 0; index < count; index++) {
      const [name, short] = [text(), `e${index.toString(36)}`];
      const what = [Buffer.from([bytes[at++]]), encoded(number())];
      if (renamed(name, short)) parts.push(Buffer.concat([named(short), ...what]));
    }
    push(section, [encoded(parts.length), ...parts]);
  } else {
    sections.push(bytes.subarray(start, end));
  }
  at = end;
}
writeFileSync(wasmOut, Buffer.concat(sections));
writeFileSync(glueOut, glue);
