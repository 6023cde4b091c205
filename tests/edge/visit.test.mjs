// The first request of an opened widget, its cookie and what is in it (R19, R21, R22 in part, R23).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { claimsOf, headOf, remade } from "../rig/token.mjs";

let edge;

before(async () => {
  edge = await startEdge({ agents: [agent("ag_northwind"), agent("ag_other")] });
});
after(() => edge?.stop());

/** Splits a Set-Cookie line into its name, value and attributes in lower case. */
function parts(line) {
  const [pair, ...attributes] = line.split(";").map((part) => part.trim());
  return {
    name: pair.slice(0, pair.indexOf("=")),
    value: pair.slice(pair.indexOf("=") + 1),
    attributes: attributes.map((one) => one.toLowerCase()).sort(),
  };
}

function assertCookie(response, name, maxAge) {
  const lines = response.setCookie.filter((line) => line.startsWith(`${name}=`));
  // With a login comes the cookie by which the browser is known again; `known_browser.test.mjs` looks at that one.
  const others = response.setCookie.filter((line) => !lines.includes(line) && !line.startsWith("__Host-csk_"));
  assert.deepEqual([lines.length, others], [1, []], `${response.setCookie}`);
  const cookie = parts(lines[0]);
  assert.deepEqual(cookie.attributes.filter((one) => !one.startsWith("max-age=")), ["httponly", "partitioned", "path=/", "samesite=none", "secure"]);
  const age = Number(cookie.attributes.find((one) => one.startsWith("max-age=")).slice(8));
  // Whole seconds, counted from the login: a slow answer may have used up some.
  if (maxAge !== undefined) assert.ok(age <= maxAge && age >= Math.max(0, maxAge - 10), `Max-Age ${age}`);
  assert.ok(Number.isInteger(age) && age <= 400 * 86_400, `Max-Age ${age}`);
  assert.ok(lines[0].length <= 4096);
  return cookie;
}

describe("a first visit", () => {
  test("opens a conversation of the agent and says who is there: nobody", async () => {
    const visitor = new Visitor(edge);
    const visited = await visitor.arrive();
    assert.match(visited.conversation, /^ag_northwind\.[A-Za-z0-9_-]{22}$/);
    assert.equal(visited.state, "unidentified");
    assert.equal(visited.label, undefined);
    assert.match(visited.now, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.ok(visited.frames.every((frame) => frame.type !== "message"), "a new conversation has messages");
  });

  test("sets one cookie with every protection that there is", async () => {
    const visitor = new Visitor(edge);
    assertCookie(await visitor.visit(), "__Host-cs_ag_northwind");
  });

  test("of an unknown agent is refused and sets nothing", async () => {
    for (const id of ["ag_unknown", "ag_Northwind"]) {
      const response = await new Visitor(edge, { agent: id }).visit();
      assertRefused(response, 404, "not_found");
      assert.deepEqual(response.setCookie, []);
    }
  });
});

test("a returning browser gets its conversation back", async () => {
  const visitor = new Visitor(edge);
  const first = await visitor.arrive();
  assert.equal((await visitor.arrive()).conversation, first.conversation);
});

test("another browser gets another conversation", async () => {
  const first = await new Visitor(edge).arrive();
  assert.notEqual((await new Visitor(edge).arrive()).conversation, first.conversation);
});

test("naming a conversation of somebody else opens nothing of it", async () => {
  const owner = new Visitor(edge);
  const line = await owner.connect();
  await line.ask("What is your return policy? BLUEBIRD");
  const stranger = new Visitor(edge);
  for (const attempt of [stranger, stranger]) {
    const response = await attempt.visit({ conversation: owner.conversation, after: 0 });
    assert.equal(response.status, 200, response.text);
    assert.notEqual(response.json().conversation, owner.conversation);
    assert.ok(!response.text.includes("BLUEBIRD"));
  }
  await owner.leave();
});

test("the visitor's token names nobody", async () => {
  const visitor = new Visitor(edge);
  await visitor.arrive();
  const head = headOf(visitor.token);
  const claims = claimsOf(visitor.token);
  assert.equal(head.alg, "HS256");
  assert.equal(head.typ, "visit+jwt");
  assert.ok(head.kid);
  assert.deepEqual(Object.keys(claims).sort(), ["aud", "conv", "exp", "iat", "iss", "nbf", "sid", "sub"]);
  assert.equal(claims.iss, edge.origin);
  assert.equal(claims.aud, "ag_northwind");
  assert.equal(claims.conv, visitor.conversation);
  assert.ok(claims.exp > claims.iat);
});

test("a forged or foreign token is nobody's", async () => {
  const owner = new Visitor(edge);
  await owner.arrive();
  const elsewhere = new Visitor(edge, { agent: "ag_other" });
  await elsewhere.arrive();
  for (const [what, token] of [
    ["alg none", remade(owner.token, { head: { alg: "none" }, signature: "" })],
    ["alg none with its old signature", remade(owner.token, { head: { alg: "none" } })],
    ["another algorithm", remade(owner.token, { head: { alg: "HS512" } })],
    ["another kid", remade(owner.token, { head: { kid: "k9" } })],
    ["kid with a path", remade(owner.token, { head: { kid: "../../dev/null" } })],
    ["no kid", remade(owner.token, { head: { kid: undefined } })],
    ["an embedded key", remade(owner.token, { head: { jwk: { kty: "oct", k: "AAAA" } } })],
    ["a session's typ", remade(owner.token, { head: { typ: "session+jwt" } })],
    ["another conversation", remade(owner.token, { claims: { conv: "ag_northwind.AAAAAAAAAAAAAAAAAAAAAA" } })],
    ["a later end", remade(owner.token, { claims: { exp: 9_999_999_999 } })],
    ["an end that is a text", remade(owner.token, { claims: { exp: "9999999999" } })],
    ["the token of another agent", elsewhere.token],
    ["cut off", owner.token.slice(0, -1)],
    ["changed in its last letter", owner.token.slice(0, -1) + (owner.token.endsWith("A") ? "B" : "A")],
    ["with a tail", `${owner.token}.x`],
    ["padded", `${owner.token}=`],
    ["empty", ""],
    ["null", "null"],
    ["no token at all", "x".repeat(3000)],
  ]) {
    const thief = new Visitor(edge);
    thief.cookies.set(owner.cookieName, token);
    const response = await thief.visit({ conversation: owner.conversation });
    assert.equal(response.status, 200, `${what}: ${response.text}`);
    assert.notEqual(response.json().conversation, owner.conversation, what);
    const refused = await new Visitor(edge).send(owner.under("login/cancel"), { body: { card: "A".repeat(22) }, headers: { cookie: `${owner.cookieName}=${token}` } });
    assertRefused(refused, 401, "signed_out");
  }
});

test("a session's cookie has the agent's duration and the same protections, and sign-out clears it", async () => {
  const visitor = new Visitor(edge);
  const { verified } = await visitor.signIn("ana@example.com");
  assertCookie(verified, "__Host-cs_ag_northwind", 24 * 3600);
  const out = await visitor.signOut();
  assert.equal(out.status, 204, out.text);
  assertCookie(out, "__Host-cs_ag_northwind", 0);
  await visitor.leave();
});
