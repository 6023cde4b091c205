// Sessions: what a login changes, how long it lasts, how it ends (R20 in part, R21, R23, R26; K1–K3, K6, C2).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor, plain } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { claimsOf, headOf } from "../rig/token.mjs";

const HOUR = 3_600_000;
let edge;
let addresses = 0;

before(async () => {
  edge = await startEdge({ agents: [agent("ag_northwind"), agent("ag_short", { auth: { session: { absolute_hours: 2 } } })] });
});
after(() => edge?.stop());

function address() {
  addresses += 1;
  return `person${addresses}@example.com`;
}

/** Every way in that a token could open is shut. */
async function assertShut(token, visitor, conversation) {
  const holder = new Visitor(edge, { agent: visitor.agent });
  holder.cookies.set(visitor.cookieName, token);
  holder.conversation = conversation;
  const visit = await holder.send(`/api/agents/${visitor.agent}/visit`, { body: { conversation } });
  if (visit.status === 200) assert.notEqual(visit.json().conversation, conversation, "visit gave the conversation back");
  else assertRefused(visit, 401, "signed_out");
  holder.cookies.set(visitor.cookieName, token);
  await assert.rejects(() => holder.socket(0, { conversation }), { status: 401 });
  const headers = { cookie: `${visitor.cookieName}=${token}` };
  for (const [path, body] of [
    ["login/start", { card: "A".repeat(22), method: "email_code", address: "x@example.com" }],
    ["login/verify", { card: "A".repeat(22), code: "123456" }],
    ["login/cancel", { card: "A".repeat(22) }],
  ]) {
    assertRefused(await holder.send(holder.under(path, conversation), { body, headers }), 401, "signed_out");
  }
}

describe("a login", () => {
  test("gives a new token that says who, how and when, and names nobody", async () => {
    const visitor = new Visitor(edge);
    const to = address();
    const { old } = await visitor.signIn(to);
    const head = headOf(visitor.token);
    const claims = claimsOf(visitor.token);
    assert.equal(head.typ, "session+jwt");
    assert.equal(head.alg, "HS256");
    assert.equal(head.kid, "k1");
    assert.deepEqual(Object.keys(claims).sort(), ["amr", "aud", "auth_time", "conv", "exp", "iat", "iss", "nbf", "sid", "sub"]);
    assert.equal(claims.iss, edge.origin);
    assert.equal(claims.aud, "ag_northwind");
    assert.match(claims.sub, /^[A-Za-z0-9_-]{43}$/);
    assert.equal(claims.exp - claims.iat, 24 * 3600);
    assert.ok(claims.auth_time <= claims.iat && claims.iat - claims.auth_time <= 60);
    assert.ok(Array.isArray(claims.amr) && claims.amr.length > 0);
    assert.notEqual(claims.sid, claimsOf(old).sid);
    assert.ok(!JSON.stringify(claims).includes("example.com"));
    await visitor.leave();
  });

  test("shuts out every older token of the conversation", async () => {
    // The attacker opens the conversation, hands its cookie to the victim, and waits for the victim to sign in.
    const attacker = new Visitor(edge);
    await attacker.arrive();
    const planted = attacker.token;
    const victim = attacker.sibling();
    const { conversation } = victim;
    const attackersLine = await attacker.connect();
    const { before: victimsLine } = await victim.signIn("ana@example.com");
    assert.equal((await attackersLine.closed).code, 4001);
    assert.equal((await victimsLine.closed).code, 4001);
    await assertShut(planted, attacker, conversation);
    assert.ok(!attackersLine.frames.some((frame) => JSON.stringify(frame).includes("NW-1")), "the attacker's socket saw the data");
    await victim.leave();
  });

  test("is still there after a reload and in a second tab", async () => {
    const visitor = new Visitor(edge);
    const to = address();
    await visitor.signIn(to);
    const visited = await visitor.arrive();
    assert.equal(visited.state, "authenticated");
    assert.ok(visited.label, "the person has no label");
    const tab = visitor.sibling();
    assert.equal((await tab.arrive()).conversation, visitor.conversation);
    await visitor.leave();
  });

  test("puts the words of the conversation before it into the conversation after it", async () => {
    const visitor = new Visitor(edge);
    const line = await visitor.connect();
    await line.ask("What is your return policy?");
    await line.close();
    const { line: signedIn } = await visitor.signIn(address());
    assert.ok(signedIn.numbered.some((frame) => frame.type === "message" && frame.text.includes("return policy")));
    await visitor.leave();
  });

  test("asked for twice at once on one card gives one person one session", async () => {
    const visitor = new Visitor(edge);
    await visitor.signIn(address());
    const line = await visitor.connect();
    const { seq } = await line.say("Where is my order?");
    const end = await line.ending(seq);
    assert.equal(end.type, "answer", "a signed-in visitor was shown a login card");
    await visitor.leave();
  });
});

describe("a second device of the same person", () => {
  test("is in the same conversation from then on, and each sees what the other says", async () => {
    const phone = new Visitor(edge);
    const laptop = new Visitor(edge);
    const to = address();
    await phone.signIn(to);
    await edge.later(61_000);
    const { line: onLaptop } = await laptop.signIn(to);
    assert.equal((await phone.arrive()).conversation, laptop.conversation);
    const onPhone = await phone.connect();
    await onLaptop.ask("How long does shipping take?");
    await onPhone.until("the laptop's message on the phone", (frame) => frame.type === "message" && frame.text.startsWith("How long"));
    const { id } = await onPhone.say("What is your return policy?");
    await onLaptop.until("the phone's message on the laptop", (frame) => frame.type === "message" && frame.id === id);
    await phone.leave();
    await laptop.leave();
  });

  test("sees what was said on the first", async () => {
    const phone = new Visitor(edge);
    const laptop = new Visitor(edge);
    const to = address();
    const { line: onPhone } = await phone.signIn(to);
    await onPhone.ask("What is your return policy?");
    await edge.later(61_000);
    const { line: onLaptop } = await laptop.signIn(to);
    assert.ok(onLaptop.numbered.some((frame) => frame.type === "message" && frame.text === "What is your return policy?"), "the phone's messages are missing");
    await phone.leave();
    await laptop.leave();
  });
});

describe("a session ends", () => {
  test("after the agent's hours", async () => {
    const visitor = new Visitor(edge, { agent: "ag_short" });
    await visitor.signIn(address());
    const { token, conversation } = visitor;
    assert.equal(claimsOf(token).exp - claimsOf(token).iat, 2 * 3600);
    await edge.later(2 * HOUR - 60_000);
    assert.equal((await visitor.sibling().arrive()).state, "authenticated");
    await edge.later(4 * HOUR);
    await assertShut(token, visitor, conversation);
    await visitor.leave();
  });

  test("at sign-out: on the next request, and open sockets are closed", async () => {
    const visitor = new Visitor(edge);
    const { line } = await visitor.signIn(address());
    const { token, conversation } = visitor;
    assert.equal((await visitor.signOut()).status, 204);
    assert.equal((await line.closed).code, 4401);
    await assertShut(token, visitor, conversation);
    const after = await visitor.arrive();
    assert.notEqual(after.conversation, conversation);
    assert.equal(after.state, "unidentified");
    assert.equal(after.label, undefined);
    await visitor.leave();
  });

  test("on this device alone when the visitor signs out here", async () => {
    const here = new Visitor(edge);
    const there = new Visitor(edge);
    const to = address();
    await here.signIn(to);
    await edge.later(61_000);
    const { line: thereLine } = await there.signIn(to);
    await here.signOut();
    await assertShut(here.token ?? "", here, here.conversation);
    assert.equal((await there.arrive()).state, "authenticated");
    const back = thereLine.closeCode === undefined ? thereLine : await there.connect();
    await back.ask("What is your return policy?");
    await here.leave();
    await there.leave();
  });

  test("on every device when the visitor signs out everywhere", async () => {
    const devices = [new Visitor(edge), new Visitor(edge), new Visitor(edge)];
    const to = address();
    for (const device of devices) {
      await device.signIn(to);
      await edge.later(61_000 * 6);
    }
    const lines = await Promise.all(devices.map((device) => device.connect()));
    const tokens = devices.map((device) => [device.token, device.conversation]);
    assert.equal((await devices[0].signOut({ everywhere: true })).status, 204);
    for (const line of lines) assert.equal((await line.closed).code, 4401);
    for (const [index, [token, conversation]] of tokens.entries()) await assertShut(token, devices[index], conversation);
    for (const device of devices) await device.leave();
  });

  test("for nobody else: a sign-out with a token that is no longer good clears its own cookie and no more", async () => {
    const visitor = new Visitor(edge);
    const other = new Visitor(edge);
    const to = address();
    await visitor.signIn(to);
    const stale = `${visitor.cookieName}=${visitor.token}`;
    await visitor.signOut();
    await edge.later(61_000);
    await other.signIn(to);
    for (const body of [{}, { everywhere: true }]) {
      const answer = await new Visitor(edge).send(other.under("logout"), { body, headers: { cookie: stale } });
      assert.ok([204, 401].includes(answer.status), answer.text);
    }
    assert.equal((await other.arrive()).state, "authenticated");
    await visitor.leave();
    await other.leave();
  });
});

test("the next person at the same computer sees nothing of the one before", async () => {
  const visitor = new Visitor(edge);
  const { line } = await visitor.signIn("ana@example.com", { question: "Where is my order?" });
  await line.until("Ana's answer", (frame) => frame.type === "answer" && plain(frame.blocks).includes("NW-10"));
  await visitor.signOut();
  await edge.later(61_000);
  visitor.conversation = undefined;
  const { line: next, visited } = await visitor.signIn("ben@example.com");
  await next.until("Ben's answer", (frame) => frame.type === "answer" && plain(frame.blocks).includes("NW-2001"));
  assert.ok(!JSON.stringify([visited, next.frames]).includes("NW-10"));
  assert.ok(!JSON.stringify([visited, next.frames]).includes("ana@"));
  await visitor.leave();
});
