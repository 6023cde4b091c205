// One person, several proofs (R32): two proofs become one person by a proof in that person's own session, and in no other
// way; and they can be taken apart again.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { agentWithActions } from "../rig/agents.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { startStage, typed } from "../rig/stage.mjs";
import { until } from "../rig/wait.mjs";

const MINUTE = 60_000;

let stage;
let company;
let puppet;
let edge;

before(async () => {
  // A proof older than a second is too old: whoever asks is asked to prove again who they are.
  const always = { find_shop: { kind: { is: "private", max_age_s: 1 } } };
  const unvouched = ({ kind, ...action }) => ({ ...action, kind: { ...kind, vouches_email: false } });
  stage = await startStage({
    agents: (api, model) => {
      const careless = agentWithActions(api, "ag_careless", { model, changed: always });
      return [
        agentWithActions(api, "ag_link", { model, changed: always }),
        { ...careless, actions: careless.actions.map((action) => (action.kind.is === "login" ? unvouched(action) : action)) },
      ];
    },
  });
  ({ company, puppet, edge } = stage);
});
after(() => stage?.stop());
beforeEach(() => edge.later(61_000));
afterEach(() => stage.clear());

const SHOP = ["find_shop", { city: "Boulder" }];
const account = async (visitor) => (await visitor.send(visitor.under("account"), { method: "GET" })).json();
const unlink = (visitor, id) => visitor.send(visitor.under("account/unlink"), { body: { id } });
const methods = async (visitor) => (await account(visitor)).proofs.map(({ method }) => method);

/** Waits until the trail has it: it is handed over in the background. */
const noted = (wanted) => until(`${wanted} in the trail`, async () => (await edge.ledger("ag_link")).some(({ kind }) => kind === wanted));

/** Has the person asked to prove again who they are, and gives the card. */
async function asked(line, call = SHOP) {
  const { seq } = await line.say(puppet.plan([call]));
  return line.cardAfter(seq);
}

/** The person proves the address in their own session. */
async function provesMail(visitor, line, email) {
  const before = line;
  const card = await asked(line);
  const verified = await visitor.verify(card.id, await visitor.codeFor(card.id, email));
  if (verified.status === 200) {
    await before.closed;
    await visitor.arrive();
  }
  return verified;
}

/** Signs in by mail in a new browser and says where that leads. */
async function entersByMail(who, agent = "ag_link") {
  // Between two mails to one address lies a minute.
  await edge.later(61_000);
  const { visitor } = await stage.signedInByMail({ agent, who });
  const { label } = await visitor.arrive();
  return { visitor, label, conversation: visitor.conversation };
}

describe("somebody who signed in at the company", () => {
  test("and somebody who reads the same address are two persons", async () => {
    const { who, visitor } = await stage.signedIn({ agent: "ag_link" });
    const mail = await entersByMail(who);
    assert.notEqual(mail.conversation, visitor.conversation);
    assert.deepEqual(await methods(mail.visitor), ["email_code"]);
    assert.deepEqual(await methods(visitor), ["login_action"]);
    await Promise.all([visitor.leave(), mail.visitor.leave()]);
  });

  test("and proves the address in that session is one person by either from then on", async () => {
    const { who, visitor, line } = await stage.signedIn({ agent: "ag_link" });
    await edge.later(2_000);
    const verified = await provesMail(visitor, line, who.email);
    assert.equal(verified.status, 200, verified.text);
    const { proofs } = await account(visitor);
    assert.deepEqual(proofs.map(({ method, first }) => [method, first === true]), [["login_action", true], ["email_code", false]]);
    assert.equal(proofs[1].label, who.email);
    const mail = await entersByMail(who);
    assert.equal(mail.conversation, visitor.conversation, "a code to the linked address signs the same person in");
    assert.deepEqual(await methods(mail.visitor), ["login_action", "email_code"]);
    await noted("proof_linked");
    await Promise.all([visitor.leave(), mail.visitor.leave()]);
  });

  test("and proves the address in an old session may act on it and links nothing", async () => {
    const { who, visitor, line } = await stage.signedIn({ agent: "ag_link" });
    await edge.later(16 * MINUTE);
    assert.equal((await provesMail(visitor, line, who.email)).status, 200);
    assert.deepEqual(await methods(visitor), ["login_action"]);
    const mail = await entersByMail(who);
    assert.notEqual(mail.conversation, visitor.conversation);
    await Promise.all([visitor.leave(), mail.visitor.leave()]);
  });

  test("with an address that the company does not vouch for has no claim on it: a hijacker who registered it first reads nothing", async () => {
    // The attacker registered the victim's address at the company, which never asked whether it is theirs.
    const { who, visitor, line } = await stage.signedIn({ agent: "ag_careless" });
    await edge.later(2_000);
    const card = await asked(line);
    assert.ok(!card.methods.includes("email_code"), JSON.stringify(card.methods));
    assert.equal(card.address, undefined);
    const victim = await entersByMail(who, "ag_careless");
    assert.notEqual(victim.conversation, visitor.conversation);
    assert.equal(victim.label, who.email);
    assert.deepEqual(await methods(victim.visitor), ["email_code"]);
    await Promise.all([visitor.leave(), victim.visitor.leave()]);
  });
});

describe("somebody who signed in by mail", () => {
  /** Signed in by mail, then at the company in the same session. */
  async function withAccount() {
    const { who, visitor, line } = await stage.signedInByMail({ agent: "ag_link" });
    const card = await asked(line, ["track_order", { order_number: who.order }]);
    const { line: again } = await visitor.signInAt("sign_in", typed(who), { card: card.id });
    return { who, visitor, line: again };
  }

  test("and then at the company is the same person by the company's log-in alone", async () => {
    const { who, visitor } = await withAccount();
    assert.deepEqual(await methods(visitor), ["email_code", "login_action"]);
    const { visitor: back } = await stage.signedIn({ agent: "ag_link", who });
    assert.equal(back.conversation, visitor.conversation);
    assert.equal((await back.arrive()).label, who.email);
    await Promise.all([visitor.leave(), back.leave()]);
  });

  test("keeps what a person had who was there before, apart, and gives it back when the two are taken apart", async () => {
    const who = company.enrol();
    const alone = await stage.signedIn({ agent: "ag_link", who });
    const own = alone.visitor.conversation;
    await alone.visitor.leave();
    const { visitor, line } = await stage.signedInByMail({ agent: "ag_link", who });
    assert.notEqual(visitor.conversation, own);
    const card = await asked(line, ["track_order", { order_number: who.order }]);
    await visitor.signInAt("sign_in", typed(who), { card: card.id });
    const linked = await stage.signedIn({ agent: "ag_link", who });
    assert.equal(linked.visitor.conversation, visitor.conversation);

    const { proofs } = await account(visitor);
    assert.equal((await unlink(visitor, proofs[1].id)).status, 204);
    assert.deepEqual(await methods(visitor), ["email_code"]);
    const { fields } = (await visitor.remembered()).json();
    assert.ok(fields.every(({ name }) => !["user_id", "token", "refresh_token"].includes(name)), JSON.stringify(fields));
    const apart = await stage.signedIn({ agent: "ag_link", who });
    assert.equal(apart.visitor.conversation, own, "the old person is there again, with their thread");
    await noted("proof_unlinked");
    await Promise.all([visitor, linked.visitor, apart.visitor].map((one) => one.leave()));
  });

  test("cannot take in an account that is somebody else's already", async () => {
    const { who, visitor } = await withAccount();
    // Another account holder with the same address, who linked it first.
    const twin = company.enrol({ email: who.email });
    const first = await stage.signedIn({ agent: "ag_link", who: twin });
    await edge.later(61_000);
    const card = await asked(first.line);
    const verified = await first.visitor.verify(card.id, await first.visitor.codeFor(card.id, who.email));
    // The address is theirs by the company's word, so it serves this session; it is linked to nobody new.
    assert.equal(verified.status, 200, verified.text);
    await first.visitor.arrive();
    assert.deepEqual(await methods(first.visitor), ["login_action"]);
    const mail = await entersByMail(who);
    assert.equal(mail.conversation, visitor.conversation, "the address stays whose it was");
    await Promise.all([visitor, first.visitor, mail.visitor].map((one) => one.leave()));
  });

  test("takes nothing apart without a fresh proof, and never what they were first known by", async () => {
    const { visitor } = await withAccount();
    const { proofs } = await account(visitor);
    assertRefused(await unlink(visitor, proofs[0].id), 404, "not_found");
    await edge.later(16 * MINUTE);
    assertRefused(await unlink(visitor, proofs[1].id), 422, "proof_refused");
    assert.equal((await account(visitor)).proofs.length, 2);
    await visitor.leave();
  });

  test("takes nothing apart that is somebody else's", async () => {
    const [ana, ben] = [await withAccount(), await withAccount()];
    const { proofs } = await account(ana.visitor);
    assertRefused(await unlink(ben.visitor, proofs[1].id), 404, "not_found");
    assert.equal((await account(ana.visitor)).proofs.length, 2);
    await Promise.all([ana.visitor.leave(), ben.visitor.leave()]);
  });
});

describe("a browser that is known for a person (R12)", () => {
  const KNOWN = "__Host-csk_ag_link";

  /** Somebody who signed in at the company and linked their address: in this browser, or in another one after it. */
  async function withAddress({ inAnother = false } = {}) {
    const first = await stage.signedIn({ agent: "ag_link" });
    const { who } = first;
    const linking = inAnother ? await stage.signedIn({ agent: "ag_link", who }) : first;
    await edge.later(2_000);
    assert.equal((await provesMail(linking.visitor, linking.line, who.email)).status, 200);
    assert.deepEqual(await methods(linking.visitor), ["login_action", "email_code"]);
    await edge.later(61_000);
    return { ...first, linking: linking.visitor };
  }

  /** The same browser later: signed out, at a card of its own, with the cookie by which it is known; a stranger's without. */
  async function backIn(cookie) {
    const visitor = stage.visitor({ agent: "ag_link", known: cookie });
    const line = await visitor.connect();
    const { seq } = await line.say(puppet.plan([["request_login", { reason: "orders" }]]));
    return { visitor, line, card: (await line.cardAfter(seq)).id };
  }

  /** A stranger asks for a code to an address: nobody else may in the same minute. */
  async function askedByStranger(email) {
    const [one, two] = [await backIn(), await backIn()];
    assert.equal((await one.visitor.start(one.card, email)).status, 200);
    assertRefused(await two.visitor.start(two.card, email), 429, "too_often");
    for (const { visitor } of [one, two]) await visitor.leave();
  }

  /** Asks for a code in a conversation of its own, and says what was answered. */
  async function asks(cookie, email) {
    const { visitor, card } = await backIn(cookie);
    const { status } = await visitor.start(card, email);
    await visitor.leave();
    return status;
  }

  for (const [where, inAnother] of [["in it", false], ["in another browser since", true]]) {
    test(`has budgets of its own for what was linked to them ${where}, and signs them in by it`, async () => {
      const { who, visitor, linking } = await withAddress({ inAnother });
      await askedByStranger(who.email);
      const back = await backIn(visitor.cookies.get(KNOWN));
      const code = await back.visitor.codeFor(back.card, who.email);
      assert.equal((await back.visitor.verify(back.card, code)).status, 200);
      await back.visitor.arrive();
      assert.equal(back.visitor.conversation, visitor.conversation);
      for (const one of [visitor, linking, back.visitor]) await one.leave();
    });
  }

  test("is a stranger's for it once the two were taken apart, and for what is linked to others", async () => {
    const [ana, ben] = [await withAddress(), await withAddress()];
    const known = ana.visitor.cookies.get(KNOWN);
    await askedByStranger(ben.who.email);
    assert.equal(await asks(known, ben.who.email), 429, "somebody else's");
    await askedByStranger(ana.who.email);
    assert.equal(await asks(known, ana.who.email), 200);
    const { proofs } = await account(ana.visitor);
    assert.equal((await unlink(ana.visitor, proofs[1].id)).status, 204);
    await edge.later(61_000);
    await askedByStranger(ana.who.email);
    assert.equal(await asks(known, ana.who.email), 429, "theirs no more");
    for (const one of [ana, ben]) await one.visitor.leave();
  });

  test("has one budget for an address, whatever it signs in by and however often: five codes a day", async () => {
    const { who, visitor } = await withAddress();
    let cookie = visitor.cookies.get(KNOWN);
    const statuses = [];
    for (let round = 0; round < 6; round += 1) {
      await askedByStranger(who.email);
      statuses.push(await asks(cookie, who.email));
      // Another login in the same browser: its cookie is written anew.
      const { visitor: again, card } = await backIn(cookie);
      await again.signInAt("sign_in", typed(who), { card });
      cookie = again.cookies.get(KNOWN);
      await again.leave();
      await edge.later(61 * MINUTE);
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429]);
    await visitor.leave();
  });
});
