// The trail as members see it: filtered, page by page, and exported so that it can be verified with nothing but the file.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { Holder, apiToken, assertProblem, memberOf, ownerOf } from "../rig/members.mjs";
import { until } from "../rig/wait.mjs";

const HERE = "agents/ag_northwind/audit";

let edge;
let owner;
let visitor;

before(async () => {
  edge = await startEdge({ agents: [agent("ag_northwind"), agent("ag_empty")] });
  owner = await ownerOf(edge);
  visitor = new Visitor(edge);
  await visitor.signIn("ana@example.com");
  await until("the login to be noted", async () => (await listed("?kind=login_succeeded")).entries.length === 1);
});
after(async () => {
  await visitor?.leave();
  await edge?.stop();
});

const listed = async (query = "") => (await owner.get(HERE + query)).json();

test("questions of no shape are refused", async () => {
  for (const query of ["?kind=nothing", "?limit=-1", "?before=x", "?conversation=x", "?person=x"]) assertProblem(await owner.get(HERE + query), 400, "bad_request");
});

test("the trail is listed newest first, filtered, page by page", async () => {
  const { entries } = await listed();
  assert.deepEqual(entries.map(({ seq }) => seq), entries.map((_, n) => entries[0].seq - n));
  const own = (await listed(`?conversation=${visitor.conversation}&kind=code_sent`)).entries;
  assert.ok(own.length === 1 && own[0].conversation === visitor.conversation && own[0].detail.channel === "email");
  const pages = [];
  for (let next = ""; next !== undefined;) {
    const page = await listed(`?limit=2${next === "" ? "" : `&before=${next}`}`);
    pages.push(...page.entries);
    next = page.next;
  }
  assert.deepEqual(pages, entries);
  assert.deepEqual((await owner.get("agents/ag_empty/audit")).json(), { entries: [] });
});

/** The hash of a record, written down again from `docs/security.md`. */
function hashOf({ seq, at, id, kind, conversation, person, detail, previous }) {
  const fields = JSON.stringify([seq, at, id, kind, conversation, person, detail, previous]);
  return createHash("sha256").update("countersign/audit/v1\n").update(fields).digest("hex");
}

test("an export holds the whole chain, and what was changed in it is found", async () => {
  // More than one page of it.
  for (let n = 0; n < 26; n += 1) {
    await Promise.all(Array.from({ length: 20 }, () => new Visitor(edge).arrive()));
  }
  await until("520 conversations to be noted", async () => (await listed("?limit=1")).entries[0].seq > 520, 60_000);
  const answer = await owner.get(`${HERE}/export`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers["content-type"], /^application\/x-ndjson/);
  assert.match(answer.headers["content-disposition"], /filename="ag_northwind-audit\.ndjson"/);
  const records = answer.text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.ok(records.length > 520);
  let previous = "0".repeat(64);
  for (const [n, record] of records.entries()) {
    assert.equal(record.seq, n + 1);
    assert.equal(record.previous, previous);
    assert.equal(record.hash, hashOf(record), `record ${n + 1}`);
    previous = record.hash;
  }
  assert.notEqual(hashOf({ ...records[3], kind: "signed_out" }), records[3].hash);
  assert.ok(!answer.text.includes("@"), "no address");
  assert.equal((await listed("?kind=audit_exported")).entries.length, 1);
});

test("an editor and a token without the scope see none of it", async () => {
  const editor = await memberOf(edge, { email: "editor@example.com", agent: "ag_northwind", role: "editor" });
  const other = new Holder(edge, await apiToken(edge, { scopes: ["settings:read", "conversations:read"] }));
  for (const who of [editor, other]) {
    for (const path of [HERE, `${HERE}/export`]) assertProblem(await who.get(path), 403, "not_allowed");
  }
  const reader = new Holder(edge, await apiToken(edge, { scopes: ["audit:read"] }));
  assert.equal((await reader.get(`${HERE}/export`)).status, 200);
});

test("what is done in the console itself is read by owners of every agent alone", async () => {
  const path = "agents/ag_console/audit";
  const { entries } = (await owner.get(path)).json();
  const kinds = new Set(entries.map(({ kind }) => kind));
  for (const kind of ["login_succeeded", "member_joined"]) assert.ok(kinds.has(kind), kind);
  assert.ok(!JSON.stringify(entries).includes("@"), "an address");
  const lines = (await owner.get(`${path}/export`)).text.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines.at(-1).kind, "audit_exported");
  const here = await memberOf(edge, { email: "here@example.com", agent: "ag_northwind" });
  const editor = await memberOf(edge, { email: "everywhere@example.com", role: "editor" });
  const token = new Holder(edge, await apiToken(edge, { scopes: ["audit:read"] }));
  for (const who of [here, editor, token]) {
    assertProblem(await who.get(path), 404, "not_found");
    assertProblem(await who.get(`${path}/export`), 404, "not_found");
  }
  for (const rest of ["", "/conversations", "/members", "/secrets", "/collections"]) assertProblem(await owner.get(`agents/ag_console${rest}`), 404, "not_found");
});
