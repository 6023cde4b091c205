// What the chat remembers about a person: theirs to see and to erase, nobody else's, and sealed where it lies (A1, R55).
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { agentWithActions } from "../rig/agents.mjs";
import { startProcess } from "../rig/process.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { startStage } from "../rig/stage.mjs";

let stage;
let company;
let puppet;
let edge;

before(async () => {
  stage = await startStage({ start: startProcess, agents: (api, model) => [agentWithActions(api, "ag_other", { model })] });
  ({ company, puppet, edge } = stage);
});
after(() => stage?.stop());
afterEach(() => stage.clear());

const signedIn = (options) => stage.signedIn(options);
const tokensOf = (who) => [...company.accounts.tokens, ...company.accounts.refreshTokens].filter(([, { user_id }]) => user_id === who.user_id).map(([token]) => token);

describe("what is remembered", () => {
  test("is told to the person, by the names of its fields; of a secret its name alone", async () => {
    const { who, visitor } = await signedIn();
    const answer = await visitor.remembered();
    assert.equal(answer.status, 200, answer.text);
    const { fields } = answer.json();
    const names = fields.map(({ name }) => name);
    assert.deepEqual(names, [...names].sort());
    for (const name of ["user_id", "name", "email", "company_id", "token", "refresh_token"]) assert.ok(names.includes(name), `${name} is missing: ${names}`);
    const value = (name) => fields.find((field) => field.name === name).value;
    assert.deepEqual([value("user_id"), value("name"), value("email"), value("company_id")], [who.user_id, who.name, who.email, "northwind"]);
    for (const name of ["token", "refresh_token"]) assert.equal(value(name), undefined);
    for (const { since } of fields) assert.ok(Math.abs(Date.parse(since) - Date.now()) < 600_000, since);
    for (const secret of [who.password, ...tokensOf(who)]) assert.ok(!answer.text.includes(secret));
    assert.equal(answer.headers["cache-control"], "no-store");
    await visitor.leave();
  });

  test("is the same on the person's other device, and another's is another", async () => {
    const first = await signedIn();
    const again = await signedIn({ who: first.who });
    const other = await signedIn();
    const of = async ({ visitor }) => (await visitor.remembered()).json().fields.find(({ name }) => name === "user_id").value;
    assert.equal(await of(again), first.who.user_id);
    assert.equal(await of(other), other.who.user_id);
    for (const { visitor } of [first, again, other]) await visitor.leave();
  });

  test("is nothing for somebody who signed in by email and did nothing else", async () => {
    const { visitor } = await stage.signedInByMail();
    assert.deepEqual((await visitor.remembered()).json(), { fields: [] });
    await visitor.leave();
  });

  test("is nobody else's to see or to erase", async () => {
    const { visitor } = await signedIn();
    const stranger = stage.visitor();
    await stranger.arrive();
    const other = (await signedIn()).visitor;
    const elsewhere = (await signedIn({ agent: "ag_other" })).visitor;
    for (const one of [stranger, other, elsewhere]) {
      assertRefused(await one.remembered({ conversation: visitor.conversation }), 401, "signed_out");
      assertRefused(await one.erase({ conversation: visitor.conversation }), 401, "signed_out");
    }
    assertRefused(await visitor.remembered({ headers: { cookie: undefined } }), 401, "signed_out");
    assertRefused(await visitor.erase({ headers: { cookie: undefined } }), 401, "signed_out");
    assertRefused(await visitor.erase({ headers: { "x-countersign": undefined } }), 403, "wrong_origin");
    assertRefused(await visitor.erase({ headers: { origin: "https://evil.test" } }), 403, "wrong_origin");
    assert.equal((await visitor.erase({ method: "GET", body: undefined })).status, 405);
    assertRefused(await visitor.send(visitor.under("remembered/erase"), { body: { person: "x" } }), 400, "bad_request");
    // Before a login there is no person of whom anything could be remembered.
    const nobody = await stranger.remembered();
    assert.ok(nobody.status === 401 || nobody.json().fields.length === 0, nobody.text);
    assert.ok((await visitor.remembered()).json().fields.length > 0, "a refused erase erased");
    for (const one of [visitor, stranger, other, elsewhere]) await one.leave();
  });

  test("loses at the next log-in what that no longer gives: roles above all (R47)", async () => {
    const { who, visitor } = await signedIn({ roles: ["staff"] });
    const names = async () => (await visitor.remembered()).json().fields.map(({ name }) => name);
    assert.ok((await names()).includes("roles"));
    company.next({ status: 200, body: { success: true, data: { user_id: who.user_id, name: who.name, token: "nw_at_other" } } }, { when: ({ path }) => path === "/login" });
    const again = await signedIn({ who });
    assert.deepEqual((await names()).sort(), ["name", "token", "user_id"]);
    for (const one of [visitor, again.visitor]) await one.leave();
  });

  test("cannot be seen after the sign-out", async () => {
    const { visitor } = await signedIn();
    const cookie = visitor.cookieHeader;
    const { conversation } = visitor;
    await visitor.signOut();
    assertRefused(await visitor.remembered({ conversation, headers: { cookie } }), 401, "signed_out");
    await visitor.leave();
  });
});

describe("erasing", () => {
  test("leaves nothing, and no action uses it any more", async () => {
    const { who, visitor, line } = await signedIn();
    const answer = await visitor.erase();
    assert.equal(answer.status, 204, answer.text);
    assert.deepEqual((await visitor.remembered()).json(), { fields: [] });
    company.requests.length = 0;
    const end = await line.ask(puppet.plan([["track_order", { order_number: who.order }]]));
    assert.equal(end.type, "card", "the action ran on what was erased");
    assert.deepEqual(end.card.methods, ["login_action"]);
    assert.equal(company.asked(/orders/).length, 0);
    await visitor.leave();
  });

  test("holds on every device of the person, and touches nobody else's", async () => {
    const first = await signedIn();
    const again = await signedIn({ who: first.who });
    const other = await signedIn();
    assert.equal((await again.visitor.erase()).status, 204);
    assert.deepEqual((await first.visitor.remembered()).json(), { fields: [] });
    assert.ok((await other.visitor.remembered()).json().fields.length > 0);
    for (const { visitor } of [first, again, other]) await visitor.leave();
  });
});

test("nothing of it lies readable in any file (R55)", async () => {
  const { who, visitor } = await signedIn();
  const values = [who.password, ...tokensOf(who)];
  assert.ok(values.length >= 3);
  for (const { file, bytes } of await edge.files()) {
    const text = bytes.toString("latin1");
    for (const value of values) assert.ok(!text.includes(value), `a secret in ${file}`);
    assert.ok(!text.includes(who.email), `an address in ${file}`);
  }
  await visitor.leave();
});
