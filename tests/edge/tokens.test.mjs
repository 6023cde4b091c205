// API tokens: shown once, bounded, revoked at once, and no longer good than their maker.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { Holder, assertProblem, memberOf, ownerOf } from "../rig/members.mjs";

const HERE = "agents/ag_northwind/tokens";
const DAY_MS = 86_400_000;

let edge;
let owner;

before(async () => {
  edge = await startEdge({ agents: [agent("ag_northwind"), agent("ag_other")] });
  owner = await ownerOf(edge);
});
after(() => edge?.stop());

/** Makes a token and gives what was answered. */
async function made(body = {}, who = owner) {
  const answer = await who.post(HERE, { name: "a script", scopes: ["settings:read"], days: 30, ...body });
  assert.equal(answer.status, 201, answer.text);
  return answer.json();
}

test("what cannot be a token is refused, field by field", async () => {
  const refused = async (body) => {
    const problem = assertProblem(await owner.post(HERE, { name: "x", scopes: ["settings:read"], days: 1, ...body }), 422, "invalid");
    return problem.errors.map(({ pointer }) => pointer);
  };
  assert.deepEqual(await refused({ name: " ", scopes: [], days: 0 }), ["/name", "/scopes", "/days"]);
  assert.deepEqual(await refused({ name: "x".repeat(81), days: 367 }), ["/name", "/days"]);
  assert.deepEqual(await refused({ name: "a\nb" }), ["/name"]);
  for (const body of [{}, { name: "x", scopes: ["members:write"], days: 1 }, { name: "x", scopes: [], days: -1 }, { name: "x", scopes: [], days: 1e9 }, { name: "x", scopes: ["settings:read"], days: 1, agent: "ag_other" }]) {
    assertProblem(await owner.post(HERE, body), 400, "bad_request");
  }
  assert.deepEqual((await owner.get(HERE)).json(), []);
});

test("a token is shown once, does what it is for, and says when it was used", async () => {
  const { token, listed } = await made({ name: "  nightly export ", scopes: ["settings:read", "audit:read", "settings:read"] });
  assert.match(token, /^cst_[A-Za-z0-9_-]{43}$/);
  assert.deepEqual([listed.name, listed.scopes, listed.by, listed.over, listed.used], ["nightly export", ["settings:read", "audit:read"], "owner@example.com", false, undefined]);
  const lives = Date.parse(listed.expires) - Date.parse(listed.made);
  assert.equal(lives, 30 * DAY_MS);
  assert.deepEqual((await owner.get(HERE)).json(), [listed]);
  const holder = new Holder(edge, token);
  assert.equal((await holder.get("agents/ag_northwind")).status, 200);
  assert.deepEqual((await holder.get("me")).json(), { agents: [{ agent: "ag_northwind", role: "owner" }] });
  const again = (await owner.get(HERE)).json()[0];
  assert.ok(Math.abs(Date.parse(again.used) - Date.now()) < 60_000);
  const stored = JSON.stringify((await (await edge.database()).prepare("SELECT * FROM api_token").all()).results);
  assert.ok(!stored.includes(token) && !stored.includes(token.slice(4)), "only the hash is stored");
});

test("a revoked token is nobody at the next request", async () => {
  const { token, listed } = await made();
  const holder = new Holder(edge, token);
  assert.equal((await holder.get("me")).status, 200);
  assertProblem(await owner.del(`agents/ag_other/tokens/${listed.id}`), 404, "not_found");
  assert.equal((await holder.get("me")).status, 200);
  assert.equal((await owner.del(`${HERE}/${listed.id}`)).status, 204);
  assertProblem(await holder.get("me"), 401, "signed_out");
  assertProblem(await owner.del(`${HERE}/${listed.id}`), 404, "not_found");
});

test("no token makes tokens, and an editor neither", async () => {
  const { token } = await made({ scopes: ["settings:read", "settings:write", "collections:read", "collections:write", "conversations:read", "audit:read"] });
  const holder = new Holder(edge, token);
  const editor = await memberOf(edge, { email: "editor@example.com", agent: "ag_northwind", role: "editor" });
  for (const who of [holder, editor]) {
    assertProblem(await who.get(HERE), 403, "not_allowed");
    assertProblem(await who.post(HERE, { name: "x", scopes: ["settings:read"], days: 1 }), 403, "not_allowed");
  }
  // No cookie counts beside a token, and a token does not lend itself to a page.
  assertProblem(await owner.get("me", { headers: { authorization: "Bearer cst_x" } }), 401, "signed_out");
});

test("a token dies with its maker's ownership", async () => {
  const leaver = await memberOf(edge, { email: "leaver@example.com", agent: "ag_northwind" });
  for (const change of [(path) => owner.patch(path, { role: "editor" }), (path) => owner.del(path)]) {
    await edge.sql([["UPDATE member SET role = 'owner' WHERE email = 'leaver@example.com'"]]);
    const { token } = await made({}, leaver);
    const holder = new Holder(edge, token);
    assert.equal((await holder.get("me")).status, 200);
    const { members } = (await owner.get("agents/ag_northwind/members")).json();
    const { id } = members.find(({ email }) => email === "leaver@example.com");
    assert.equal((await change(`agents/ag_northwind/members/${id}`)).status, 204);
    assertProblem(await holder.get("me"), 401, "signed_out");
  }
});

test("of many who make tokens at once no more pass than an agent may have", async () => {
  const before = (await owner.get(HERE)).json().length;
  const rows = Array.from({ length: 95 - before }, (_, n) => [
    "INSERT INTO api_token (hash, id, agent, name, scopes, by, at, expires_at) VALUES (?, ?, 'ag_northwind', 'old', '[]', 'nobody', 0, 1)", `h${n}`, `id${n}`,
  ]);
  await edge.sql(rows);
  const answers = await Promise.all(Array.from({ length: 15 }, () => owner.post(HERE, { name: "x", scopes: ["settings:read"], days: 1 })));
  assert.equal(answers.filter(({ status }) => status === 201).length, 5);
  assertProblem(answers.find(({ status }) => status !== 201), 409, "conflict");
});

test("the trail names tokens by their id and never holds one", async () => {
  const entries = await edge.ledger("ag_northwind");
  const makes = entries.filter(({ kind }) => kind === "token_made");
  assert.ok(makes.length > 3 && makes.every(({ detail }) => /^[A-Za-z0-9_-]{22}$/.test(detail.token)));
  assert.ok(entries.some(({ kind }) => kind === "token_revoked"));
  assert.ok(!JSON.stringify(entries).includes("cst_"));
});
