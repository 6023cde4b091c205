// Which proofs are asked for (A6, deliverable 6): enough, no more than that, the cheapest first, and the person's own.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { agentWithActions } from "../rig/agents.mjs";
import { Authenticator } from "../rig/authenticator.mjs";
import { startStage, typed } from "../rig/stage.mjs";

let stage;
let puppet;
let edge;

before(async () => {
  // The site owner's order is not the cheapest first.
  const auth = { methods: ["login_action", "email_code", "passkey"] };
  const find = (kind) => ({ find_shop: { kind: { is: "private", ...kind } } });
  stage = await startStage({
    agents: (api, model) => [
      agentWithActions(api, "ag_age", { model, auth, changed: find({ max_age_s: 60 }) }),
      agentWithActions(api, "ag_number", { model, auth, changed: find({ assurance: "phone_code" }) }),
      agentWithActions(api, "ag_trusting", { model, auth: { ...auth, strength: { email_code: "phone_code" } }, changed: find({ assurance: "phone_code" }) }),
    ],
  });
  ({ puppet, edge } = stage);
});
after(() => stage?.stop());
beforeEach(() => edge.later(61_000));
afterEach(() => stage.clear());

const SHOP = ["find_shop", { city: "Boulder" }];
const post = (visitor, path, body) => visitor.send(visitor.under(path), { body });

async function adds(visitor) {
  const authenticator = new Authenticator();
  const options = (await post(visitor, "account/passkey", {})).json();
  const kept = await post(visitor, "account/passkey/keep", { credential: authenticator.create(options, edge.origin) });
  assert.equal(kept.status, 204, kept.text);
  return authenticator;
}

async function asked(line) {
  const text = puppet.plan([SHOP]);
  const { seq } = await line.say(text);
  return { text, card: await line.cardAfter(seq) };
}

describe("what is offered", () => {
  test("before a login is in the site owner's order", async () => {
    const { visitor, card } = await stage.atCard({ agent: "ag_age" });
    assert.deepEqual(card.methods, ["login_action", "email_code", "passkey"]);
    await visitor.leave();
  });

  test("to prove it again is what the person has, the cheapest first", async () => {
    const { visitor, line } = await stage.signedInByMail({ agent: "ag_age" });
    await edge.later(120_000);
    const { card } = await asked(line);
    assert.deepEqual(card.methods, ["email_code", "login_action"], "no passkey, so none is offered");
    await visitor.cancel(card.id);
    await adds(visitor);
    const { card: again } = await asked(line);
    assert.deepEqual(again.methods, ["passkey", "email_code", "login_action"]);
    await visitor.leave();
  });

  test("to prove more is what is enough: a passkey, and of the company's log-ins the one that proves a number", async () => {
    const { visitor, line } = await stage.signedInByMail({ agent: "ag_number" });
    const { text, card } = await asked(line);
    assert.deepEqual(card.methods, ["login_action"]);
    assert.deepEqual(card.forms.map(({ action }) => action), ["sign_in_by_phone"]);
    await visitor.cancel(card.id);
    assert.notEqual((await puppet.toldOf(text))[0].told.status, "done");
    const authenticator = await adds(visitor);
    const { text: again, card: stronger } = await asked(line);
    assert.deepEqual(stronger.methods, ["passkey", "login_action"]);
    const request = (await post(visitor, "login/passkey", { card: stronger.id })).json();
    const verified = await post(visitor, "login/passkey/verify", { card: stronger.id, credential: authenticator.get(request, edge.origin) });
    assert.equal(verified.status, 200, verified.text);
    assert.equal((await puppet.toldOf(again))[0].told.status, "done");
    await visitor.leave();
  });

  test("follows what the site owner says a method is worth", async () => {
    const { visitor, line } = await stage.signedInByMail({ agent: "ag_trusting" });
    assert.equal((await stage.does(line, SHOP))[0].status, "done");
    await visitor.leave();
    const { visitor: other, line: before } = await stage.signedIn({ agent: "ag_trusting" });
    const { card } = await asked(before);
    assert.deepEqual(card.methods, ["email_code", "login_action"]);
    assert.ok(card.forms.every(({ action }) => action !== "sign_in"));
    await other.leave();
  });
});

test("a form that is not on the card is not taken, whatever it would prove", async () => {
  const { who, visitor, line } = await stage.signedInByMail({ agent: "ag_number" });
  const { card } = await asked(line);
  const refused = await visitor.submit(card.id, "sign_in", typed(who));
  assert.equal(refused.status, 403, refused.text);
  await visitor.leave();
});
