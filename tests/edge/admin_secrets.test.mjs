// Secrets in the console: set, used, removed, never shown. Archived agents answer nobody.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { startCompany } from "../../demo/company/company.mjs";
import { agent, agentWithActions } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { apiToken, assertProblem, Holder, memberOf, ownerOf } from "../rig/members.mjs";
import { startProcess } from "../rig/process.mjs";

const secretOf = (length = 18) => `live-${randomBytes(length).toString("base64url")}`;
const keyed = (company) => ({
  name: "keyed", title: "Ask with a key", kind: { is: "public" }, method: "POST", url: `${company.url}/keyed/x`,
  headers: [{ name: "X-Api-Key", value: "{{secret.api_key}}" }],
});

let company;
let edge;
let owner;

before(async () => {
  company = await startCompany();
  const keys = [{ alg: "HS256", kid: "a", secret: "page_key" }];
  edge = await startProcess({
    agents: [
      { ...agentWithActions(company, "ag_keys", { auth: { host_token: { keys } } }), actions: [keyed(company)] },
      agent("ag_other"), agent("ag_crowd"), agent("ag_rest"), agent("ag_gone"),
    ],
  });
  owner = await ownerOf(edge);
});
after(async () => {
  await edge?.stop();
  await company?.stop();
});

const secretsOf = async (id, who = owner) => (await who.get(`agents/${id}/secrets`)).json();
const kinds = async (id) => (await edge.ledger(id)).map(({ kind, detail }) => [kind, detail]);

describe("a secret that no agent can have is refused", () => {
  for (const [what, name, body, status, code] of [
    ["nothing", "api_key", { value: "" }, 422, "invalid"],
    ["more than 8,192 bytes", "api_key", { value: "x".repeat(8_193) }, 422, "invalid"],
    ["more than that in bytes, not in characters", "api_key", { value: "é".repeat(4_097) }, 422, "invalid"],
    ["a NUL in it", "api_key", { value: "a\0b" }, 422, "invalid"],
    ["no text", "api_key", { value: 7 }, 400, "bad_request"],
    ["no value", "api_key", {}, 400, "bad_request"],
    ["more than a value", "api_key", { value: "x", name: "y" }, 400, "bad_request"],
    ["a megabyte", "api_key", { value: "x".repeat(1_000_000) }, 413, "too_large"],
    ["a host with a scheme", "api_key", { value: "x", hosts: ["https://api.example.com"] }, 422, "invalid"],
    ["a host with a port", "api_key", { value: "x", hosts: ["api.example.com:443"] }, 422, "invalid"],
    ["a host with a wildcard", "api_key", { value: "x", hosts: ["*.example.com"] }, 422, "invalid"],
    ["a host that would be two", "api_key", { value: "x", hosts: ["a.example,b.example"] }, 422, "invalid"],
    ["a host with a NUL", "api_key", { value: "x", hosts: ["a.example\0"] }, 422, "invalid"],
    ["more than 20 hosts", "api_key", { value: "x", hosts: Array.from({ length: 21 }, (_, n) => `h${n}.example`) }, 422, "invalid"],
    ["a name with capitals", "Key", { value: "x" }, 422, "invalid"],
    ["a name that begins with a digit", "9lives", { value: "x" }, 422, "invalid"],
    ["a name with a dash", "a-b", { value: "x" }, 422, "invalid"],
    ["a name with a dot", "a.b", { value: "x" }, 404, "not_found"],
  ]) {
    test(what, async () => {
      assertProblem(await owner.put(`agents/ag_other/secrets/${name}`, body), status, code);
      assert.deepEqual((await secretsOf("ag_other")).set, []);
    });
  }

  test("for an agent that is not there", async () => {
    assertProblem(await owner.put("agents/ag_nobody/secrets/api_key", { value: "x" }), 404, "not_found");
    assertProblem(await owner.get("agents/ag_nobody/secrets"), 404, "not_found");
  });
});

test("what the settings need is named with its places, set or not", async () => {
  const { set, needed } = await secretsOf("ag_keys");
  assert.deepEqual(set, []);
  assert.deepEqual(needed, [
    { name: "api_key", set: false, pointers: ["/actions/0"] },
    { name: "page_key", set: false, pointers: ["/customer_auth/host_token/keys/0/secret"] },
  ]);
  assert.equal((await owner.put("agents/ag_keys/secrets/page_key", { value: secretOf(32) })).status, 204);
  const after = await secretsOf("ag_keys");
  assert.deepEqual(after.needed.map(({ set: is }) => is), [false, true]);
  assert.ok(Math.abs(after.set[0].at - Date.now()) < 60_000);
});

test("a secret is used as it was set, replaced and removed, and stands in no answer, log or trail", async () => {
  const secrets = [secretOf(), `${secretOf()} "quoted" é\n`, "x".repeat(8_192)];
  const answers = [];
  for (const value of secrets) {
    const put = await owner.put("agents/ag_keys/secrets/api_key", { value });
    assert.equal(put.status, 204);
    answers.push(put.text, JSON.stringify(put.headers));
    if (/\n|.{5000}/.test(value)) continue;
    company.requests.length = 0;
    const trial = await owner.post("agents/ag_keys/actions/trial", { action: keyed(company) });
    assert.equal(trial.status, 200, trial.text);
    assert.equal(company.requests[0].headers["x-api-key"], value);
    answers.push(trial.text);
  }
  answers.push(JSON.stringify(await secretsOf("ag_keys")), (await owner.get("agents/ag_keys")).text);
  assert.equal((await owner.del("agents/ag_keys/secrets/api_key")).status, 204);
  assertProblem(await owner.del("agents/ag_keys/secrets/api_key"), 404, "not_found");
  const trial = (await owner.post("agents/ag_keys/actions/trial", { action: keyed(company) })).json();
  assert.deepEqual([trial.verdict, trial.faults], ["not_made", ["The agent has no secret api_key that may be sent to this host."]]);
  const trail = await kinds("ag_keys");
  for (const kind of ["key_sealed", "key_removed", "action_tried"]) {
    const entry = trail.find(([own, detail]) => own === kind && (detail.name ?? detail.action) !== "page_key");
    assert.ok(entry && entry[1].by, kind);
  }
  const all = [...answers, JSON.stringify(trail), edge.logs()].join("\n");
  for (const value of secrets) assert.ok(!all.includes(value.slice(0, 200)), "a secret was shown");
});

test("a secret that is bound to hosts goes to no other, whoever writes the address", async () => {
  const value = secretOf();
  const host = new URL(company.url).hostname;
  const put = (body) => owner.put("agents/ag_keys/secrets/bound_key", body);
  const action = { ...keyed(company), name: "bound", headers: [{ name: "X-Api-Key", value: "{{secret.bound_key}}" }] };
  const program = new Holder(edge, await apiToken(edge, { agent: "ag_keys", scopes: ["settings:read", "settings:write"] }));
  const tried = async (changed = {}) => {
    company.requests.length = 0;
    const trial = await program.post("agents/ag_keys/actions/trial", { action: { ...action, ...changed } });
    assert.equal(trial.status, 200, trial.text);
    return trial.json();
  };
  assert.equal((await put({ value, hosts: ["api.example.com"] })).status, 204);
  const elsewhere = await tried();
  assert.deepEqual([elsewhere.verdict, elsewhere.faults, company.requests], ["not_made", ["The agent has no secret bound_key that may be sent to this host."], []]);
  // Renewed without a word of hosts it stays bound.
  assert.equal((await put({ value })).status, 204);
  assert.equal((await tried()).verdict, "not_made");
  assert.deepEqual((await secretsOf("ag_keys")).set.find(({ name }) => name === "bound_key").hosts, ["api.example.com"]);
  assert.equal((await put({ value, hosts: ["api.example.com", host] })).status, 204);
  await tried();
  assert.equal(company.requests[0].headers["x-api-key"], value);
  // An address that only looks like the host, and a saved action in a conversation, get it as little.
  assert.equal((await put({ value, hosts: ["api.example.com"] })).status, 204);
  for (const url of ["https://api.example.com.evil.example/", "https://evil.example/api.example.com", "https://api.example.com@evil.example/"]) {
    const trial = await tried({ url });
    assert.deepEqual([trial.verdict, trial.request], ["not_made", null], url);
  }
  const entry = (await kinds("ag_keys")).find(([kind, detail]) => kind === "key_sealed" && detail.name === "bound_key");
  assert.equal(entry[1].hosts, "api.example.com");
  assert.equal((await owner.del("agents/ag_keys/secrets/bound_key")).status, 204);
});

test("who renews a secret while another one binds it does not loosen it", async () => {
  for (let round = 0; round < 5; round += 1) {
    const at = "agents/ag_keys/secrets/raced";
    const writes = Array.from({ length: 8 }, (_, n) => owner.put(at, n === 4 ? { value: "x", hosts: ["api.example.com"] } : { value: `y${n}` }));
    for (const { status } of await Promise.all(writes)) assert.equal(status, 204);
    assert.deepEqual((await secretsOf("ag_keys")).set.find(({ name }) => name === "raced").hosts, ["api.example.com"]);
    assert.equal((await owner.del(at)).status, 204);
  }
});

test("the keys of the program's own services stand in no action, saved or tried", async () => {
  for (const name of ["model_key", "twilio_auth_token", "whatsapp_token", "whatsapp_app_secret", "whatsapp_verify_token", "google_client_secret"]) {
    assert.equal((await owner.put(`agents/ag_keys/secrets/${name}`, { value: secretOf() })).status, 204);
    const action = { ...keyed(company), headers: [{ name: "X-Api-Key", value: `{{secret.${name}}}` }] };
    const { headers } = await owner.get("agents/ag_keys");
    const saved = await owner.patch("agents/ag_keys", { actions: [action] }, undefined, { headers: { "if-match": headers.etag } });
    assert.match(assertProblem(saved, 422, "invalid").errors[0].detail, /goes to the service whose it is alone/);
    company.requests.length = 0;
    const trial = (await owner.post("agents/ag_keys/actions/trial", { action })).json();
    assert.deepEqual([trial.verdict, company.requests], ["not_made", []], name);
    assert.equal((await owner.del(`agents/ag_keys/secrets/${name}`)).status, 204);
  }
});

test("a model's key that is bound to the provider is not sent to an address that settings chose", async () => {
  const value = secretOf();
  const ask = async () => {
    company.requests.length = 0;
    return (await owner.post("agents/ag_keys/model/check", { model: { provider: "open_ai", base_url: company.url, model: "m" } })).json();
  };
  const shown = () => company.requests.map(({ headers }) => headers.authorization ?? "").join();
  assert.equal((await owner.put("agents/ag_keys/secrets/model_key", { value })).status, 204);
  await ask();
  assert.match(shown(), new RegExp(value));
  assert.equal((await owner.put("agents/ag_keys/secrets/model_key", { value, hosts: ["api.openai.com"] })).status, 204);
  assert.equal((await ask()).answered, false);
  assert.ok(company.requests.length > 0, "nobody was asked");
  assert.doesNotMatch(shown(), /live-/);
  assert.equal((await owner.del("agents/ag_keys/secrets/model_key")).status, 204);
});

test("of 12 who set one secret at the same moment, one wins whole", async () => {
  const values = Array.from({ length: 12 }, () => secretOf());
  const answers = await Promise.all(values.map((value) => owner.put("agents/ag_keys/secrets/api_key", { value })));
  assert.ok(answers.every(({ status }) => status === 204));
  company.requests.length = 0;
  await owner.post("agents/ag_keys/actions/trial", { action: keyed(company) });
  assert.ok(values.includes(company.requests[0].headers["x-api-key"]));
  assert.equal((await edge.rows("SELECT count(*) AS n FROM secret WHERE agent = 'ag_keys' AND name = 'api_key'"))[0].n, 1);
});

test("an agent has 100 secrets at most, also when the last are set at the same moment", async () => {
  for (let n = 0; n < 96; n += 1) await edge.sql([["INSERT INTO secret (agent, name, sealed, at) VALUES ('ag_crowd', ?, 'x', 0)", `s${n}`]]);
  const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => owner.put(`agents/ag_crowd/secrets/new_${n}`, { value: "x" })));
  assert.equal(answers.filter(({ status }) => status === 204).length, 4);
  assertProblem(answers.find(({ status }) => status !== 204), 409, "conflict");
  assert.equal((await edge.rows("SELECT count(*) AS n FROM secret WHERE agent = 'ag_crowd'"))[0].n, 100);
  assert.equal((await owner.put("agents/ag_crowd/secrets/s1", { value: "y" })).status, 204);
});

test("secrets are an owner's alone: not an editor's, an analyst's, another agent's owner's, nor a token's", async () => {
  const editor = await memberOf(edge, { email: "editor@example.com", agent: "ag_keys", role: "editor" });
  const analyst = await memberOf(edge, { email: "analyst@example.com", agent: "ag_keys", role: "analyst" });
  const other = await memberOf(edge, { email: "other@example.com", agent: "ag_other", role: "owner" });
  const token = new Holder(edge, await apiToken(edge, { agent: "ag_keys", scopes: ["settings:read", "settings:write"] }));
  const asks = [(who) => who.get("agents/ag_keys/secrets"), (who) => who.put("agents/ag_keys/secrets/api_key", { value: "x" }), (who) => who.del("agents/ag_keys/secrets/api_key"), (who) => who.post("agents/ag_keys/archive")];
  for (const ask of asks.slice(0, 3)) assertProblem(await ask(token), 403, "not_allowed");
  for (const who of [editor, analyst]) for (const ask of asks) assertProblem(await ask(who), 403, "not_allowed");
  for (const ask of asks) assertProblem(await ask(other), 404, "not_found");
});

describe("an archived agent", () => {
  test("answers nobody, not in a conversation that is open either, and can be restored", async () => {
    const visitor = new Visitor(edge, { agent: "ag_rest" });
    const line = await visitor.connect();
    assert.equal((await line.ask("What is your return policy?")).type, "answer");
    const archived = await owner.post("agents/ag_rest/archive");
    assert.equal(archived.status, 204);
    assert.equal((await owner.post("agents/ag_rest/archive")).status, 204);
    // What an isolate has read it keeps for five seconds.
    await edge.later(6_000);
    const listed = (await owner.get("agents")).json().find(({ id }) => id === "ag_rest");
    assert.equal(listed.archived, true);
    assert.equal((await owner.get("agents/ag_rest")).json().archived, true);
    const newcomer = new Visitor(edge, { agent: "ag_rest" });
    assert.equal((await newcomer.visit()).status, 404);
    assert.equal((await line.ask("And how long does shipping take?")).type, "interrupted", "it went on answering");
    assert.equal((await owner.post("agents/ag_rest/restore")).status, 204);
    assert.equal((await owner.post("agents/ag_rest/restore")).status, 204);
    await edge.later(6_000);
    assert.equal((await newcomer.visit()).status, 200);
    const trail = (await kinds("ag_rest")).map(([kind]) => kind).filter((kind) => /^agent_/.test(kind));
    assert.deepEqual(trail, ["agent_archived", "agent_restored"]);
    await line.close();
  });

  test("that is not there cannot be archived", async () => {
    assertProblem(await owner.post("agents/ag_nobody/archive"), 404, "not_found");
    assertProblem(await owner.post("agents/ag_nobody/restore"), 404, "not_found");
  });
});
