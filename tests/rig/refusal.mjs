// What every refusal must look like, and when two of them are the same to whoever reads them.
import assert from "node:assert/strict";

const KEYS = new Set(["code", "message", "retry_after_s", "request_id"]);

/** Insists on a refusal of this status and code, in the form of the protocol, with nothing of our insides in it. */
export function assertRefused(response, status, code) {
  const { text } = response;
  assert.equal(response.status, status, `expected ${status} ${code}, got ${response.status}: ${text.slice(0, 300)}`);
  const body = response.json();
  assert.equal(body.code, code, text);
  for (const key of Object.keys(body)) assert.ok(KEYS.has(key), `${key} in ${text}`);
  assert.ok(body.message.length > 10, `no sentence in ${text}`);
  assert.ok(body.request_id, `no request id in ${text}`);
  assert.match(response.headers["content-type"], /^application\/json/);
  // The request id is random letters, and some of them will spell anything.
  assert.doesNotMatch(text.replaceAll(body.request_id, "ID"), /panick|\.rs\b|stack|sqlite|D1_|unwrap|wasm|undefined/i);
  return body;
}

/** A refusal's status, headers and bytes without what differs by request: its id, its date. */
export function essence(response) {
  const headers = Object.fromEntries(Object.entries(response.headers)
    .filter(([name]) => !["date", "cf-ray", "x-request-id", "keep-alive", "connection"].includes(name)).sort());
  const id = /"request_id":"([^"]*)"/.exec(response.text)?.[1];
  const text = id ? response.text.replaceAll(id, "ID") : response.text;
  return JSON.stringify({ status: response.status, headers, text });
}
