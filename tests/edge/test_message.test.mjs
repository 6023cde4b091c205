// "Send me a test": a message as a visitor gets it, from settings that are not saved, to the member's own address or a number.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { Holder, apiToken, assertProblem, memberOf, ownerOf } from "../rig/members.mjs";
import { until } from "../rig/wait.mjs";

let edge;
let owner;
const PATH = "agents/ag_northwind/test-message";

before(async () => {
  edge = await startEdge({ agents: [agent("ag_northwind"), agent("ag_other")] });
  owner = await ownerOf(edge);
});
after(() => edge?.stop());

const phones = { phone: { countries: ["US"], channels: ["sms"], day_messages: 500 } };
const inbox = async (to) => (await (await fetch(`${edge.url}/dev/inbox.json?to=${encodeURIComponent(to)}`)).json());

test("what cannot be sent is refused at its field, and nothing goes out", async () => {
  const settings = agent();
  assertProblem(await owner.post(PATH, {}), 400, "bad_request");
  assertProblem(await owner.post(PATH, { method: "google", settings }), 422, "invalid");
  assertProblem(await owner.post(PATH, { method: "email_code", settings: { id: "ag_northwind" } }), 422, "invalid");
  const other = assertProblem(await owner.post(PATH, { method: "email_code", settings: agent("ag_other") }), 422, "invalid");
  assert.equal(other.errors[0].pointer, "/settings/id");
  const none = assertProblem(await owner.post(PATH, { method: "phone_code", settings, to: "+12025550143" }), 422, "invalid");
  assert.equal(none.errors[0].pointer, "/settings/customer_auth/phone");
  for (const to of [undefined, "", "12", "+4915112345678", "+12025550143, +12025550144"]) {
    const wrong = assertProblem(await owner.post(PATH, { method: "phone_code", settings: agent("ag_northwind", { auth: phones }), to }), 422, "invalid");
    assert.equal(wrong.errors[0].pointer, "/to");
  }
  const channel = assertProblem(await owner.post(PATH, { method: "phone_code", settings: agent("ag_northwind", { auth: phones }), to: "+12025550143", channel: "whatsapp" }), 422, "invalid");
  assert.equal(channel.errors[0].pointer, "/settings/customer_auth/phone/channels");
});

test("whoever may not change settings sends nothing, and a token has no address", async () => {
  const body = { method: "email_code", settings: agent() };
  const editor = await memberOf(edge, { email: "editor@example.com", agent: "ag_northwind", role: "editor" });
  assertProblem(await editor.post(PATH, body), 403, "not_allowed");
  const other = await memberOf(edge, { email: "other@example.com", agent: "ag_other", role: "owner" });
  assertProblem(await other.post(PATH, body), 404, "not_found");
  // Nobody, and from no page of ours.
  assertProblem(await new Holder(edge).post(PATH, body), 403, "not_allowed");
  assertProblem(await new Holder(edge, await apiToken(edge, { scopes: ["settings:write"] })).post(PATH, body), 403, "not_allowed");
});

test("a mail goes to the member's own proved address, in the draft's words, with a code that opens nothing", async () => {
  const settings = agent("ag_northwind", { name: "Harbor Books", auth: { code_digits: 8, code_minutes: 3 } });
  const sent = await owner.post(PATH, { method: "email_code", settings, to: "somebody-else@example.com" });
  assert.equal(sent.status, 200, sent.text);
  assert.equal(sent.json().taken, true);
  const mail = await until("the mail", async () => (await inbox("owner@example.com")).find(({ subject }) => subject.includes("Harbor Books")));
  assert.match(mail.text, /^\d{8}$/m);
  assert.match(mail.text, /3 minutes/);
  assert.deepEqual(await inbox("somebody-else@example.com"), []);
});

test("a message goes to the number that was typed", async () => {
  const sent = await owner.post(PATH, { method: "phone_code", settings: agent("ag_northwind", { auth: phones }), to: "(202) 555-0143" });
  assert.equal(sent.status, 200, sent.text);
  assert.equal(sent.json().taken, true);
  await until("the message", async () => (await inbox("+12025550143")).length === 1);
  const noted = (await edge.ledger("ag_northwind")).filter(({ kind }) => kind === "test_message_sent");
  assert.equal(noted.at(-1).detail.channel, "sms");
  assert.ok(!JSON.stringify(noted).includes("0143"), "the number");
});

test("ten an hour and no more, whoever has them sent", async () => {
  const member = await memberOf(edge, { email: "often@example.com", agent: "ag_northwind", role: "owner" });
  const statuses = [];
  for (let n = 0; n < 11; n += 1) statuses.push((await member.post(PATH, { method: "email_code", settings: agent() })).status);
  assert.deepEqual(statuses, [...Array(10).fill(200), 429]);
});
