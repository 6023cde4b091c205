// Members: the first claim, roles, settings with versions, and what nobody may do.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { Holder, Member, apiToken, assertProblem, invitation, memberOf, ownerOf } from "../rig/members.mjs";

let edge;
let owner;

before(async () => {
  edge = await startEdge({ agents: [agent("ag_northwind"), agent("ag_other")] });
  owner = await ownerOf(edge);
});
after(() => edge?.stop());

test("a conversation of the console opens with the login card, and a code makes a session that is nobody's yet", async () => {
  const visitor = new Visitor(edge, { agent: "ag_console" });
  const { state } = await visitor.arrive();
  assert.equal(state, "unidentified");
  const { frames } = await visitor.arrive();
  const { card } = frames.find((frame) => frame.type === "card");
  assert.equal(card.title, "Sign in to the console");
  assert.deepEqual(card.methods, ["email_code", "passkey"]);
  const member = await new Member(edge, "stranger@example.com").signIn();
  assert.deepEqual((await member.get("me")).json(), { email: "stranger@example.com", agents: [] });
  assert.deepEqual((await member.get("agents")).json(), []);
  assertProblem(await member.get("agents/ag_northwind"), 404, "not_found");
  assertProblem(await member.post("agents", { name: "Mine" }), 403, "not_allowed");
});

test("nobody is signed out, at every address", async () => {
  const nobody = new Holder(edge);
  for (const path of ["me", "agents", "agents/ag_northwind", "agents/ag_northwind/audit"]) assertProblem(await nobody.get(path), 401, "signed_out");
  assertProblem(await new Holder(edge, "cst_no-such-token").get("me"), 401, "signed_out");
  // A visitor's session of another agent opens nothing.
  const visitor = new Visitor(edge);
  const { line } = await visitor.signIn("ana@example.com");
  assertProblem(await visitor.send("/api/admin/me", { method: "GET" }), 401, "signed_out");
  await line.close();
});

test("the first owner claims the deployment once: of 20 who use the link at the same moment one becomes a member", async () => {
  const token = await invitation(edge);
  const people = [];
  for (let n = 0; n < 20; n += 1) people.push(await new Member(edge, `claimer${n}@example.com`).signIn());
  const answers = await Promise.all(people.map((one) => one.post("claim", { token })));
  assert.equal(answers.filter(({ status }) => status === 204).length, 1);
  const roles = await Promise.all(people.map(async (one) => (await one.get("me")).json().everywhere));
  assert.equal(roles.filter((role) => role === "owner").length, 1);
  assertProblem(answers.find(({ status }) => status !== 204), 422, "invalid");
});

test("a claim that is over, unknown, or sent by another page makes nobody a member", async () => {
  const member = await new Member(edge, "late@example.com").signIn();
  assertProblem(await member.post("claim", { token: await invitation(edge, { lives_ms: -1 }) }), 422, "invalid");
  assertProblem(await member.post("claim", { token: "x" }), 422, "invalid");
  const token = await invitation(edge);
  for (const headers of [{ origin: "https://shop.test" }, { "x-countersign": undefined }, { "sec-fetch-site": "cross-site" }]) {
    assertProblem(await member.post("claim", { token }, { headers }), 403, "not_allowed");
  }
  assert.equal((await member.get("me")).json().everywhere, undefined);
});

test("an owner makes an agent, sees it, and changes it under its version", async () => {
  const made = await owner.post("agents", { name: "  Harbor Books " });
  assert.equal(made.status, 201, made.text);
  const { version, role, settings } = made.json();
  assert.deepEqual([version, role, settings.name], [1, "owner", "Harbor Books"]);
  assert.equal(made.headers.etag, '"1"');
  const path = `agents/${settings.id}`;
  const changed = await owner.patch(path, { customer_auth: { title: "Who are you?" } }, 1);
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json().settings.customer_auth.title, "Who are you?");
  assert.equal(changed.headers.etag, '"2"');
  // The second writer is told, and nothing is lost.
  assertProblem(await owner.patch(path, { customer_auth: { title: "Me first" } }, 1), 412, "changed");
  assertProblem(await owner.patch(path, { greeting: "Hi" }), 428, "version_needed");
  assert.equal((await owner.get(path)).json().settings.customer_auth.title, "Who are you?");
  const listed = (await owner.get("agents")).json().find(({ id }) => id === settings.id);
  assert.deepEqual(listed, { id: settings.id, name: "Harbor Books", role: "owner", archived: false });
  const entry = (await edge.ledger(settings.id)).find(({ kind }) => kind === "settings_changed");
  assert.equal(entry.detail.changed, "/customer_auth/title");
});

test("of 20 writers of the same version one is taken", async () => {
  const { version } = (await owner.get("agents/ag_other")).json();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => owner.patch("agents/ag_other", { greeting: `Hello ${n}` }, version)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ status }) => status === 412).length, 19);
});

test("settings that cannot be are refused field by field", async () => {
  const { version } = (await owner.get("agents/ag_northwind")).json();
  const refused = async (patch) => assertProblem(await owner.patch("agents/ag_northwind", patch, version), 422, "invalid").errors.map(({ pointer }) => pointer);
  assert.deepEqual(await refused({ name: " ", theme: { accent: "red" } }), ["/name", "/theme/accent"]);
  assert.deepEqual(await refused({ customer_auth: { titel: "x", code_digits: 4 } }), ["/customer_auth/titel", "/customer_auth/code_digits"]);
  assert.deepEqual(await refused({ origins: ["https://shop.example/", "javascript:alert(1)"] }), ["/origins/0", "/origins/1"]);
  assert.deepEqual(await refused({ name: { a: 1 } }), ["/name"]);
  assertProblem(await owner.patch("agents/ag_northwind", undefined, version, { raw: `{"knowledge":"${"x".repeat(10 * 1024 * 1024)}"}` }), 413, "too_large");
  assertProblem(await owner.patch("agents/ag_northwind", undefined, version, { raw: "[]" }), 400, "bad_request");
  assertProblem(await owner.put("agents/ag_northwind", {}), 405, "method_not_allowed");
});

test("an editor sees and changes texts and looks, and nothing else", async () => {
  const editor = await memberOf(edge, { email: "editor@example.com", agent: "ag_northwind", role: "editor" });
  const { version, settings, role } = (await editor.get("agents/ag_northwind")).json();
  assert.equal(role, "editor");
  assert.equal(settings.instructions, undefined);
  assert.equal(settings.origins, undefined);
  const changed = await editor.patch("agents/ag_northwind", { customer_auth: { subtitle: "A code comes by mail" }, theme: { accent: "#102030" } }, version);
  assert.equal(changed.status, 200, changed.text);
  for (const patch of [{ instructions: "x" }, { origins: [] }, { customer_auth: { methods: ["passkey"] } }, { customer_auth: { enabled: false } }]) {
    assertProblem(await editor.patch("agents/ag_northwind", patch, version + 1), 403, "not_allowed");
  }
  assertProblem(await editor.get("agents/ag_other"), 404, "not_found");
  assert.equal((await owner.get("agents/ag_northwind")).json().settings.instructions, "You help customers of Northwind Outfitters.");
});

test("an editor who guesses a hidden setting hears no difference between a hit and a miss", async () => {
  const editor = await memberOf(edge, { email: "guesser@example.com", agent: "ag_northwind", role: "editor" });
  const { version, settings } = (await owner.get("agents/ag_northwind")).json();
  const answers = [];
  for (const name of ["lookup", "phone", "google", "roles", "host_token"]) {
    assertProblem(await editor.patch("agents/ag_northwind", { customer_auth: { [name]: {} } }, version), 403, "not_allowed");
  }
  for (const instructions of [settings.instructions, "a miss", 5, null]) {
    for (const patch of [{ instructions }, { greeting: settings.greeting, instructions }]) {
      const { title, errors, code } = assertProblem(await editor.patch("agents/ag_northwind", patch, version), 403, "not_allowed");
      answers.push(JSON.stringify([title, errors, code]));
    }
  }
  assert.equal(new Set(answers).size, 1);
});

test("a long change is in the trail whole, and so is a new agent", async () => {
  const made = (await owner.post("agents", { name: "Long" })).json();
  const path = `agents/${made.settings.id}`;
  const patch = {
    name: "Longer", greeting: "Good day", instructions: "Be kind.", knowledge: "We sell boats.", origins: ["https://shop.example"], suggested: ["Where?"],
    theme: { accent: "#102030", radius: 3 }, model: { provider: "open_ai", base_url: "https://api.example.com/v1", model: "m" },
    customer_auth: { title: "Who?", subtitle: "Say", code_digits: 8, code_minutes: 4, session: { inactivity_minutes: 60, absolute_hours: 24 } },
  };
  assert.equal((await owner.patch(path, patch, 1)).status, 200);
  const trail = await edge.ledger(made.settings.id);
  const { detail } = trail.find(({ kind }) => kind === "settings_changed");
  const told = Object.keys(detail).filter((name) => name.startsWith("changed")).sort().flatMap((name) => detail[name].split(" "));
  const pointers = (value, at) => (value && typeof value === "object" && !Array.isArray(value) ? Object.entries(value).flatMap(([name, one]) => pointers(one, `${at}/${name}`)) : [at]);
  assert.deepEqual(told.sort(), pointers(patch, "").sort());
  assert.deepEqual(trail.filter(({ kind }) => kind === "agent_made").map(({ detail: { copy_of } }) => copy_of), [undefined]);
  const copy = (await owner.post("agents", { name: "Copy", copy_of: made.settings.id })).json();
  assert.equal((await edge.ledger(copy.settings.id)).find(({ kind }) => kind === "agent_made").detail.copy_of, made.settings.id);
});

test("the longest knowledge in any script is taken, more origins than a header holds are not, and a weak tag names its version", async () => {
  const { settings } = (await owner.post("agents", { name: "Large" })).json();
  const path = `agents/${settings.id}`;
  const knowledge = "知".repeat(200_000);
  const large = await owner.patch(path, { knowledge }, undefined, { headers: { "if-match": 'W/"1"' } });
  assert.equal(large.status, 200, large.text.slice(0, 300));
  assert.equal(large.json().settings.knowledge, knowledge);
  const origins = (count) => Array.from({ length: count }, (_, n) => `https://shop-${n}.example`);
  assert.deepEqual(assertProblem(await owner.patch(path, { origins: origins(101) }, 2), 422, "invalid").errors.map(({ pointer }) => pointer), ["/origins"]);
  assert.equal((await owner.patch(path, { origins: origins(100) }, 2)).status, 200);
  for (const tag of ['W/"2"', "3", '"x"', "*", 'W/3']) {
    assertProblem(await owner.patch(path, { greeting: "x" }, undefined, { headers: { "if-match": tag } }), 412, "changed");
  }
});

test("what another site has a browser read is refused, so that it is not noted of its member", async () => {
  const noted = async () => (await edge.ledger("ag_northwind")).filter(({ kind }) => kind === "audit_exported").length;
  const before_ = await noted();
  for (const site of ["cross-site", "same-site"]) {
    assertProblem(await owner.get("agents/ag_northwind/audit/export", { headers: { "sec-fetch-site": site } }), 403, "not_allowed");
  }
  assert.equal(await noted(), before_);
  for (const site of ["same-origin", "none"]) {
    assert.equal((await owner.get("agents/ag_northwind/audit/export", { headers: { "sec-fetch-site": site } })).status, 200);
  }
});

test("an API token does what its scopes say with its own agent", async () => {
  const reader = new Holder(edge, await apiToken(edge, { scopes: ["settings:read"] }));
  const { version } = (await reader.get("agents/ag_northwind")).json();
  assertProblem(await reader.patch("agents/ag_northwind", { greeting: "x" }, version), 403, "not_allowed");
  assertProblem(await reader.get("agents/ag_other"), 404, "not_found");
  assertProblem(await reader.post("agents", { name: "x" }), 403, "not_allowed");
  const over = new Holder(edge, await apiToken(edge, { scopes: ["settings:read"], lives_ms: -1 }));
  assertProblem(await over.get("agents/ag_northwind"), 401, "signed_out");
  const writer = new Holder(edge, await apiToken(edge, { scopes: ["settings:read", "settings:write"] }));
  assert.equal((await writer.patch("agents/ag_northwind", { greeting: "From a script" }, version)).status, 200);
});

test("a member who signs out, or whose sessions are ended, is nobody at the next request", async () => {
  const member = await memberOf(edge, { email: "leaver@example.com" });
  const cookies = new Map(member.visitor.cookies);
  await member.visitor.arrive();
  await member.visitor.signOut({ everywhere: true });
  member.visitor.cookies = cookies;
  assertProblem(await member.get("me"), 401, "signed_out");
});
