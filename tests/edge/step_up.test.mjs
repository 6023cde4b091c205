// A person who is known, but not well enough for what they ask: asked for exactly what is missing, and then the call goes on
// (A6, R29, R32).
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { agentWithActions } from "../rig/agents.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { startStage, typed } from "../rig/stage.mjs";

const MINUTE = 60_000;
/** An agent with a second login: a partner's, whose accounts have ids of their own. */
function withPartner(api, model) {
  const one = agentWithActions(api, "ag_partner", { model });
  const partner = { ...one.actions.find(({ name }) => name === "sign_in"), name: "sign_in_partner", title: "Sign in with your partner account" };
  return { ...one, actions: [...one.actions, partner] };
}

let stage;
let company;
let puppet;
let edge;

before(async () => {
  const find = (kind) => ({ find_shop: { kind: { is: "private", ...kind } } });
  stage = await startStage({
    agents: (api, model) => [
      withPartner(api, model),
      agentWithActions(api, "ag_fresh", { model, changed: find({ max_age_s: 60 }) }),
      agentWithActions(api, "ag_strong", { model, changed: find({ assurance: "phone_code" }) }),
      agentWithActions(api, "ag_toostrong", { model, changed: find({ assurance: "passkey" }) }),
    ],
  });
  ({ company, puppet, edge } = stage);
});
after(() => stage?.stop());
beforeEach(() => edge.later(61_000));
afterEach(() => stage.clear());

const SHOP = ["find_shop", { city: "Boulder" }];

/** Asks for it, and gives the card that comes instead. */
async function asksFor(line, call) {
  const text = puppet.plan([call]);
  const { seq } = await line.say(text);
  return { text, seq, card: await line.cardAfter(seq) };
}

describe("somebody who signed in by email", () => {
  test("and asks for what needs the company's token is asked for the company's log-in alone", async () => {
    const { who, visitor, line } = await stage.signedInByMail();
    const { conversation } = visitor;
    const { text, seq, card } = await asksFor(line, ["track_order", { order_number: who.order }]);
    assert.deepEqual(card.methods, ["login_action"]);
    assert.equal(card.address, undefined);
    assert.ok(card.forms.some(({ action }) => action === "sign_in"));
    assert.equal(company.requests.length, 0);
    assert.ok(!line.numbered.some((frame) => frame.seq > seq && frame.type === "state"), "the person is no longer who they are");

    const { line: again, visited } = await visitor.signInAt("sign_in", typed(who), { card: card.id });
    assert.equal(visited.state, "authenticated");
    assert.equal((await puppet.toldOf(text))[0].told.result.number, who.order);
    assert.equal(visitor.conversation, conversation, "the person is somebody else now");
    assert.ok((await visitor.remembered()).json().fields.some(({ name }) => name === "token"));
    // Now nothing is missing any more.
    assert.equal((await stage.does(again, ["track_order", { order_number: who.order }]))[0].status, "done");
    await visitor.leave();
  });

  test("cannot take in an account with another address: whoever reads its mail would have this account from then on", async () => {
    const { visitor, line } = await stage.signedInByMail();
    const other = company.enrol();
    const { text, card } = await asksFor(line, ["track_order", { order_number: other.order }]);
    const cookie = visitor.token;
    assertRefused(await visitor.submit(card.id, "sign_in", typed(other)), 409, "other_person");
    assert.equal(visitor.token, cookie);
    assert.deepEqual((await visitor.remembered()).json(), { fields: [] });
    await line.ping();
    assert.equal(company.asked(/orders/).length, 0);
    assert.ok(!puppet.told(text).some(({ told }) => told.status === "done"));
    await visitor.leave();
  });

  test("is given no second account by another log-in either: nothing runs as somebody else", async () => {
    const { who: account, visitor, line } = await stage.signedInByMail({ agent: "ag_partner" });
    const { text, card } = await asksFor(line, ["track_order", { order_number: account.order }]);
    const { line: again } = await visitor.signInAt("sign_in", typed(account), { card: card.id });
    assert.equal((await puppet.toldOf(text))[0].told.status, "done");

    company.accounts.expire(account.user_id);
    for (const [token, { user_id }] of company.accounts.refreshTokens) if (user_id === account.user_id) company.accounts.refreshTokens.delete(token);
    // Another account with the person's own address, as one can have at a partner's.
    const second = company.enrol({ email: account.email });
    const next = await asksFor(again, ["track_order", { order_number: second.order }]);
    assertRefused(await visitor.submit(next.card.id, "sign_in_partner", typed(second)), 409, "other_person");
    const { fields } = (await visitor.remembered()).json();
    assert.equal(fields.find(({ name }) => name === "user_id").value, account.user_id);
    assert.ok(fields.every(({ name, value }) => name !== "token" && value !== second.user_id), JSON.stringify(fields));
    assert.equal((await visitor.submit(next.card.id, "sign_in_partner", typed(account))).status, 200, "the same account by another log-in");
    await visitor.leave();
  });

  test("and closes the card goes on as they were", async () => {
    const { who, visitor, line } = await stage.signedInByMail();
    const { text, card } = await asksFor(line, ["track_order", { order_number: who.order }]);
    assert.equal((await visitor.cancel(card.id)).status, 204);
    const [{ told }] = await puppet.toldOf(text);
    assert.notEqual(told.status, "done");
    assert.equal(company.requests.length, 0);
    assert.equal((await visitor.arrive()).state, "authenticated");
    assert.equal((await stage.does(line, SHOP))[0].status, "done");
    await visitor.leave();
  });

  test("proves it again where the proof is too old, at the same address and no other", async () => {
    const { who, visitor, line } = await stage.signedInByMail({ agent: "ag_fresh" });
    assert.equal((await stage.does(line, SHOP))[0].status, "done", "a fresh proof does");
    await edge.later(2 * MINUTE);
    company.requests.length = 0;
    const { text, card } = await asksFor(line, SHOP);
    assert.ok(card.methods.includes("email_code"));
    assert.equal(card.address, who.email);
    const elsewhere = await visitor.start(card.id, "somebody-else@example.com");
    assert.ok(elsewhere.status >= 400 && elsewhere.status < 500, `${elsewhere.status}`);
    assert.deepEqual(await edge.mailbox.to("somebody-else@example.com"), []);
    assert.equal(company.requests.length, 0);
    const before = visitor.token;
    const verified = await visitor.verify(card.id, await visitor.codeFor(card.id, who.email));
    assert.equal(verified.status, 200, verified.text);
    assert.equal((await puppet.toldOf(text))[0].told.status, "done");
    assert.notEqual(visitor.token, before);
    await visitor.leave();
  });
});

describe("somebody who signed in at the company", () => {
  test("proves it again with the same log-in where the proof is too old", async () => {
    const { who, visitor, line } = await stage.signedIn({ agent: "ag_fresh" });
    assert.equal((await stage.does(line, SHOP))[0].status, "done", "a fresh proof does");
    await edge.later(2 * MINUTE);
    const { text, card } = await asksFor(line, SHOP);
    assert.ok(card.methods.includes("login_action"));
    await visitor.signInAt("sign_in", typed(who), { card: card.id });
    assert.equal((await puppet.toldOf(text))[0].told.status, "done");
    await visitor.leave();
  });

  test("cannot go on as another, and stays who they are", async () => {
    const { who, visitor, line } = await stage.signedIn({ agent: "ag_fresh" });
    await edge.later(2 * MINUTE);
    const other = company.enrol();
    const { card } = await asksFor(line, SHOP);
    assert.ok(card.methods.includes("login_action"));
    assertRefused(await visitor.submit(card.id, "sign_in", typed(other)), 409, "other_person");
    const { fields } = (await visitor.remembered()).json();
    assert.equal(fields.find(({ name }) => name === "user_id").value, who.user_id);
    company.requests.length = 0;
    assert.equal((await stage.does(line, ["track_order", { order_number: other.order }]))[0].error, "No such order.");
    assert.equal(company.asked(/orders/)[0].customer.user_id, who.user_id);
    await visitor.leave();
  });

  test("with less than what is asked for is not let through by proving the same once more", async () => {
    const { who, visitor, line } = await stage.signedIn({ agent: "ag_strong" });
    const { card } = await asksFor(line, SHOP);
    company.requests.length = 0;
    const answer = await visitor.submit(card.id, "sign_in", typed(who));
    assert.ok([200, 403, 422].includes(answer.status), `${answer.status}`);
    if (answer.status === 200) {
      await line.closed;
      await visitor.arrive();
      const again = await visitor.connect();
      await again.until("the card or an answer", (frame) => frame.type === "answer" || (frame.type === "card" && frame.card.step.at === "address"));
      await again.ping();
    }
    assert.equal(company.asked(/shops/).length, 0);
    await visitor.leave();
  });
});

test("an action that nothing here can prove enough for is refused, and asks nobody", async () => {
  const { visitor, line } = await stage.signedIn({ agent: "ag_toostrong" });
  company.requests.length = 0;
  const [told] = await stage.does(line, SHOP);
  assert.ok(told.error, JSON.stringify(told));
  assert.equal(company.requests.length, 0);
  await visitor.leave();
});
