// A browser that proved somebody before: strangers who use up everything that everybody shares cannot lock its owner out
// (R12), and a card begins with what it used last (L5).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { codeAfter } from "../rig/inbox.mjs";
import { atCard, employee, lookUp, lookupAuth, signInAs, staff } from "../rig/lookup.mjs";
import { openChallenge, wrongCodes } from "../rig/race.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { until } from "../rig/wait.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KNOWN = "__Host-csk_ag_northwind";
let edge;

before(async () => {
  edge = await startEdge({
    agents: [
      agent("ag_northwind", { auth: { ...lookupAuth({}, { methods: ["email_code", "collection_lookup"] }) } }),
      agent("ag_other"),
      agent("ag_calls", { auth: lookupAuth({}, { phone: { countries: ["US"], channels: ["sms"], day_messages: 500 } }) }),
    ],
    collections: staff([employee("E-2001", { phone: "+14155552671" }), employee("E-1001"), employee("E-1002"), employee("E-1003"), ...["E-3001", "E-3002", "E-3003"].map((id) => employee(id, { phone: "+14155552672" }))]),
  });
});
after(() => edge?.stop());

/** The same browser later: signed out, in a conversation of its own, with the cookie by which it is known. */
function backIn({ agent, cookies }, cookie = cookies.get(KNOWN)) {
  return atCard(edge, { agent, known: cookie });
}

/** Strangers guess at an address until nobody may any more, in a day. */
async function exhaust(to) {
  for (let round = 0; round < 5; round += 1) {
    const { visitor, card, code } = await openChallenge(edge, to);
    for (const wrong of wrongCodes(code, 5)) await visitor.verify(card, wrong);
    await visitor.leave();
    await edge.later(HOUR / 2);
  }
  const { visitor, card, code } = await openChallenge(edge, to);
  assertRefused(await visitor.verify(card, code), 422, "code_not_accepted");
  await visitor.leave();
  // And ask for mail until none is sent.
  for (let round = 0; round < 12; round += 1) {
    const one = await atCard(edge);
    await one.visitor.start(one.card, to);
    await one.visitor.leave();
    await edge.later(20 * MINUTE);
  }
  const last = await atCard(edge);
  assertRefused(await last.visitor.start(last.card, to), 429, "too_often");
  await last.visitor.leave();
}

describe("the cookie", () => {
  test("comes with a login and not before, cannot be read by pages, and names nobody", async () => {
    const visitor = new Visitor(edge);
    await visitor.arrive();
    assert.ok(!visitor.cookies.has(KNOWN));
    const { verified } = await visitor.signIn("cookie@example.com");
    const line = verified.setCookie.find((one) => one.startsWith(`${KNOWN}=`));
    for (const part of ["Path=/", "Secure", "HttpOnly", "SameSite=None", "Partitioned", "Max-Age=34560000"]) assert.ok(line.includes(`; ${part}`), `${part} in ${line}`);
    const claims = JSON.parse(Buffer.from(visitor.cookies.get(KNOWN).split(".")[1], "base64url"));
    assert.deepEqual(Object.keys(claims).sort(), ["aud", "bid", "exp", "iat", "iss", "last", "who"]);
    assert.equal(claims.last, "email_code");
    assert.match(claims.who, /^v1\.[\w-]+$/);
    const sub = JSON.parse(Buffer.from(visitor.token.split(".")[1], "base64url")).sub;
    assert.ok(!JSON.stringify(claims).includes(sub) && !JSON.stringify(claims).includes("cookie@"));
    await visitor.leave();
  });

  test("signs nobody in, whatever place it is put in", async () => {
    const visitor = new Visitor(edge);
    await visitor.signIn("alone@example.com");
    const known = visitor.cookies.get(KNOWN);
    for (const name of [visitor.cookieName, KNOWN]) {
      const other = new Visitor(edge);
      other.cookies.set(name, known);
      assert.notEqual((await other.visit()).json().state, "authenticated");
      assertRefused(await other.send(`/api/conversations/${visitor.conversation}/remembered`, { method: "GET", headers: { cookie: `${name}=${known}` } }), 401, "signed_out");
    }
    await visitor.leave();
  });
});

describe("the owner", () => {
  test("whom strangers locked out signs in from the browser that is known, and from no other", async () => {
    const to = "victim@example.com";
    const owner = new Visitor(edge);
    await owner.signIn(to);
    await edge.later(2 * MINUTE);
    await exhaust(to);

    const { visitor: stranger, card: strange } = await atCard(edge);
    assertRefused(await stranger.start(strange, to), 429, "too_often");
    const { visitor, card } = await backIn(owner);
    const code = await visitor.codeFor(card, to);
    assert.equal(code.length, 6, "strangers made the owner's codes longer");
    for (const wrong of wrongCodes(code, 2)) assertRefused(await visitor.verify(card, wrong), 422, "code_not_accepted");
    assert.equal((await visitor.verify(card, code)).status, 200);
    for (const one of [owner, stranger, visitor]) await one.leave();
  });

  test("has five guesses a day and five codes of their own, and then no more", async () => {
    const to = "bounded@example.com";
    const owner = new Visitor(edge);
    await owner.signIn(to);
    let evaluated = 0;
    let sent = 0;
    for (let round = 0; round < 7; round += 1) {
      await edge.later(61 * MINUTE);
      const { visitor, card } = await backIn(owner);
      const before = (await edge.mailbox.to(to)).length;
      const started = await visitor.start(card, to);
      if (started.status === 200) {
        sent += 1;
        const code = await codeAfter(edge, to, before, started);
        for (const wrong of wrongCodes(code, 3)) await visitor.verify(card, wrong);
      }
      evaluated += await edge.evaluated(visitor.conversation);
      await visitor.leave();
    }
    // One guess was the login's own, and one of the codes: from a browser that was not known then.
    assert.deepEqual([sent, evaluated], [5, 5]);
    await owner.leave();
  });

  test("has one ceiling over all their browsers, five codes and fifteen guesses a day, and still comes in from an unknown one", async () => {
    const to = "many@example.com";
    const owners = [];
    for (let browser = 0; browser < 4; browser += 1) {
      const owner = new Visitor(edge);
      await owner.signIn(to);
      owners.push(owner);
      await edge.later(2 * MINUTE);
    }
    const names = owners.map((owner) => JSON.parse(Buffer.from(owner.cookies.get(KNOWN).split(".")[1], "base64url")).bid);
    assert.equal(new Set(names).size, 4, "the browsers are one");
    const statuses = [];
    const evaluated = [];
    for (const owner of [...owners, ...owners]) {
      await edge.later(61 * MINUTE);
      const { visitor, card } = await backIn(owner);
      const mails = (await edge.mailbox.to(to)).length;
      const started = await visitor.start(card, to);
      statuses.push(started.status);
      if (started.status === 200) {
        const code = await codeAfter(edge, to, mails, started);
        for (const wrong of wrongCodes(code, 5)) assertRefused(await visitor.verify(card, wrong), 422, "code_not_accepted");
      }
      evaluated.push(await edge.evaluated(visitor.conversation));
      await visitor.leave();
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
    assert.deepEqual(evaluated, [5, 5, 5, 0, 0, 0, 0, 0]);
    const unknown = await atCard(edge);
    assert.equal((await unknown.visitor.verify(unknown.card, await unknown.visitor.codeFor(unknown.card, to))).status, 200);
    for (const one of [...owners, unknown.visitor]) await one.leave();
  });

  test("of a record signs in though nobody may look it up any more", async () => {
    const first = await signInAs(edge, "E-1001", "e-1001@staff.example");
    const cookie = first.visitor.cookies.get(KNOWN);
    for (let round = 0; round < 11; round += 1) {
      await edge.later(13 * MINUTE);
      const one = await atCard(edge);
      await lookUp(one.visitor, one.card, "E-1001");
      await one.visitor.leave();
    }
    const last = await atCard(edge);
    await edge.later(13 * MINUTE);
    assertRefused(await lookUp(last.visitor, last.card, "E-1001"), 429, "too_often");
    const mails = (await edge.mailbox.to("e-1001@staff.example")).length;
    const { visitor, card } = await backIn(first.visitor, cookie);
    const started = await lookUp(visitor, card, "E-1001");
    assert.equal(started.status, 200);
    assert.equal((await visitor.verify(card, await codeAfter(edge, "e-1001@staff.example", mails, started))).status, 200);
    for (const one of [first.visitor, last.visitor, visitor]) await one.leave();
  });

  test("of many records with one phone has five codes a day sent there, whichever it looks up", async () => {
    const number = "+14155552672";
    const numbers = ["E-3001", "E-3002", "E-3003"];
    const cookies = new Map();
    for (const employee of numbers) {
      const { visitor } = await signInAs(edge, employee, number, { agent: "ag_calls" });
      cookies.set(employee, visitor.cookies.get("__Host-csk_ag_calls"));
      await visitor.leave();
      await edge.later(13 * MINUTE);
    }
    const before = (await edge.mailbox.to(number)).length;
    for (let round = 0; round < 9; round += 1) {
      const employee = numbers[round % 3];
      const { visitor, card } = await backIn({ agent: "ag_calls" }, cookies.get(employee));
      assert.equal((await lookUp(visitor, card, employee)).status, 200);
      await visitor.leave();
      await edge.later(13 * MINUTE);
    }
    const refused = async () => (await edge.ledger("ag_calls")).some(({ kind, detail }) => kind === "rate_limited" && detail.budget === "known_recipient_all");
    await until("the number's own budget to be used up", refused);
    const sent = async () => (await edge.mailbox.to(number)).length - before;
    await until("five codes", async () => (await sent()) >= 5);
    assert.equal(await sent(), 5);
  });

  test("of a record with a phone gets their code there though strangers looked it up until none was sent", async () => {
    const [number, agent] = ["+14155552671", "ag_calls"];
    const first = await signInAs(edge, "E-2001", number, { agent });
    for (let round = 0; round < 5; round += 1) {
      await edge.later(13 * MINUTE);
      const one = await atCard(edge, { agent });
      await lookUp(one.visitor, one.card, "E-2001");
      await one.visitor.leave();
    }
    const refused = async () => (await edge.ledger(agent)).some(({ kind, detail }) => kind === "rate_limited" && detail.budget === "phone_number");
    await until("the number's budget to be used up", refused);
    const calls = async () => (await edge.mailbox.to(number)).length;
    await until("five codes", async () => (await calls()) >= 5);
    assert.equal(await calls(), 5);
    await edge.later(MINUTE);
    const { visitor, card } = await backIn(first.visitor, first.visitor.cookies.get("__Host-csk_ag_calls"));
    const started = await lookUp(visitor, card, "E-2001");
    assert.equal(started.status, 200);
    assert.equal((await visitor.verify(card, await codeAfter(edge, number, 5, started))).status, 200);
    for (const one of [first.visitor, visitor]) await one.leave();
  });
});

describe("a stranger", () => {
  test("with a cookie of their own, a forged one or another agent's has the budgets that everybody has", async () => {
    const to = "target@example.com";
    const thief = new Visitor(edge);
    await thief.signIn("thief@example.com");
    const elsewhere = new Visitor(edge, { agent: "ag_other" });
    await elsewhere.signIn(to);
    await edge.later(2 * MINUTE);
    const { visitor: first, card } = await atCard(edge);
    assert.equal((await first.start(card, to)).status, 200);
    const good = thief.cookies.get(KNOWN);
    const [head, body, mac] = good.split(".");
    const claims = JSON.parse(Buffer.from(body, "base64url"));
    const forged = Buffer.from(JSON.stringify({ ...claims, who: ["x".repeat(43)] })).toString("base64url");
    const none = Buffer.from(JSON.stringify({ typ: "known+jwt", alg: "none", kid: "k1" })).toString("base64url");
    for (const cookie of [good, `${head}.${forged}.${mac}`, `${none}.${body}.`, elsewhere.cookies.get("__Host-csk_ag_other"), "x", "a.b.c", `${good}; ${KNOWN}=${good}`]) {
      const { visitor, card: mine } = await backIn(thief, cookie);
      assertRefused(await visitor.start(mine, to), 429, "too_often");
      await visitor.leave();
    }
    for (const one of [thief, elsewhere, first]) await one.leave();
  });
});

describe("a card", () => {
  test("begins with the method that the browser used last", async () => {
    const fresh = await atCard(edge);
    const methods = ({ line }) => line.frames.findLast((frame) => frame.type === "card").card.methods;
    assert.deepEqual(methods(fresh), ["email_code", "collection_lookup"]);
    const { visitor } = await signInAs(edge, "E-1002", "e-1002@staff.example");
    const back = await backIn(visitor);
    assert.deepEqual(methods(back), ["collection_lookup", "email_code"]);
    for (const one of [fresh.visitor, visitor, back.visitor]) await one.leave();
  });
});
