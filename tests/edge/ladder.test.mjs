// Where no cookie sticks (K8): the frame keeps the token itself and sends it in a header, never in an address.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, plain } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { agentWithHost, giveSecret, hostToken, show, vouchedFor } from "../rig/host_token.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { freshKey } from "../rig/secrets.mjs";
import { claimsOf, headOf } from "../rig/token.mjs";

const AGENT = "ag_host";
let edge;

before(async () => {
  edge = await startEdge({ agents: [agentWithHost(AGENT)] });
  await giveSecret(edge, AGENT);
});
after(() => edge?.stop());

const inMemory = () => new Visitor(edge, { agent: AGENT, bearer: true });

describe("a frame that keeps its token itself", () => {
  test("goes the whole way: visit, socket, card, code, answer, sign-out, and no cookie is ever set", async () => {
    const visitor = inMemory();
    const visit = await visitor.visit();
    assert.equal(headOf(visit.json().bearer).typ, "visit+jwt");
    const answers = [visit];
    const { send } = visitor;
    visitor.send = async (...given) => answers[answers.push(await send.apply(visitor, given)) - 1];
    const { line, old, verified } = await visitor.signIn("ana@example.com");
    assert.equal(old, undefined);
    assert.equal(verified.json().card.step.at, "done");
    assert.equal(headOf(verified.json().bearer).typ, "session+jwt");
    await line.until("the answer", (frame) => frame.type === "answer" && plain(frame.blocks).includes("NW-10"));
    assert.equal(line.socket.protocol, "countersign");
    assert.equal((await visitor.account()).status, 200);
    const token = visitor.bearer;
    assert.equal((await visitor.signOut()).status, 204);
    assertRefused(await visitor.account(), 401, "signed_out");
    for (const answer of answers) {
      assert.deepEqual(answer.setCookie, [], "a cookie was set");
      assert.equal(answer.headers["sec-websocket-protocol"], undefined);
    }
    assert.equal(visitor.cookies.size, 0);
    assert.ok(!edge.logs().includes(token), "the token is in the log");
    await visitor.leave();
  });

  test("is signed in by a host token, too", async () => {
    const visitor = inMemory();
    await visitor.arrive();
    const answer = await vouchedFor(visitor, "u-1");
    assert.deepEqual(answer.setCookie, []);
    assert.equal(claimsOf(visitor.bearer).amr[0], "fed");
    assert.equal((await visitor.arrive()).state, "authenticated");
  });

  test("gets its token signed again in the answer's body", async () => {
    const visitor = inMemory();
    await visitor.arrive();
    await vouchedFor(visitor, "u-2");
    const { bearer } = visitor;
    const k1 = edge.secrets.COUNTERSIGN_SIGNING_KEYS;
    await edge.restartWith({ COUNTERSIGN_SIGNING_KEYS: `k9:${freshKey()},${k1}` });
    const answer = await visitor.visit();
    assert.deepEqual(answer.setCookie, []);
    assert.equal(headOf(answer.json().bearer).kid, "k9");
    assert.equal(claimsOf(visitor.bearer).sid, claimsOf(bearer).sid);
    assert.equal((await visitor.visit()).json().bearer, undefined, "a token that is good is not said again");
  });

  test("is refused what anybody else is refused", async () => {
    const visitor = inMemory();
    await visitor.arrive();
    await vouchedFor(visitor, "u-3");
    const { bearer, conversation } = visitor;
    for (const authorization of ["", "Bearer", "Bearer ", `Basic ${bearer}`, `Bearer ${bearer}x`, `Bearer  ${bearer}`, `Token ${bearer}`, bearer, `Bearer ${bearer}, Bearer ${bearer}`]) {
      const stranger = new Visitor(edge, { agent: AGENT });
      assertRefused(await stranger.account({ conversation, headers: { authorization } }), 401, "signed_out");
    }
    for (const headers of [{ origin: "https://evil.test" }, { "x-countersign": undefined }, { "sec-fetch-site": "cross-site" }]) {
      assertRefused(await show(visitor, hostToken(AGENT, "u-3", { ahead: edge.ahead() }), { headers }), 403, "wrong_origin");
    }
    await assert.rejects(() => visitor.socket(0, { headers: { origin: "https://evil.test" } }), { status: 403 });
  });
});

describe("a token in the wrong place", () => {
  test("opens nothing: in an address, under another protocol, as a cookie's neighbour", async () => {
    const visitor = inMemory();
    await visitor.arrive();
    await vouchedFor(visitor, "u-4");
    const { bearer, conversation } = visitor;
    const stranger = new Visitor(edge, { agent: AGENT });
    for (const query of ["token", "bearer", "access_token", "authorization"]) {
      await assert.rejects(() => stranger.socket(0, { path: `/api/conversations/${conversation}/socket?after=0&${query}=${bearer}` }), { status: 401 });
      assertRefused(await stranger.send(`/api/conversations/${conversation}/account?${query}=${bearer}`, { method: "GET" }), 401, "signed_out");
    }
    for (const protocols of [[`bearer.${bearer}`], [`bearer.${bearer}`, "countersign"], ["chat", `bearer.${bearer}`], ["countersign", bearer], ["countersign", "chat", `bearer.${bearer}`]]) {
      await assert.rejects(() => stranger.socket(0, { conversation, protocols }), undefined, protocols.join());
    }
  });
});

describe("a request with a cookie and a bearer", () => {
  test("is the bearer's: the cookie is neither read nor set", async () => {
    const [cookie, bearer] = [new Visitor(edge, { agent: AGENT }), inMemory()];
    await vouchedFor(cookie, "u-cookie");
    await bearer.arrive();
    await vouchedFor(bearer, "u-bearer");
    bearer.cookies.set(cookie.cookieName, cookie.token);
    const visit = await bearer.visit();
    assert.equal(visit.json().label, "u-bearer");
    assert.deepEqual(visit.setCookie, []);
    assertRefused(await bearer.account({ conversation: cookie.conversation }), 401, "signed_out");
    // A bearer that is no good does not fall back on the cookie.
    assertRefused(await cookie.account({ headers: { authorization: "Bearer x" } }), 401, "signed_out");
  });

  test("never hands the cookie's session to a script that asks for a bearer", async () => {
    const visitor = new Visitor(edge, { agent: AGENT });
    await vouchedFor(visitor, "u-cookie-2");
    const { conversation } = visitor;
    const asked = await visitor.visit({ bearer: true });
    assert.equal(asked.status, 200);
    assert.notEqual(asked.json().conversation, conversation);
    assert.equal(asked.json().state, "unidentified");
    assert.equal(headOf(asked.json().bearer).typ, "visit+jwt");
    assert.deepEqual(asked.setCookie, []);
  });

  test("in a sign-out ends the bearer's session and leaves the cookie", async () => {
    const [cookie, bearer] = [new Visitor(edge, { agent: AGENT }), inMemory()];
    await vouchedFor(cookie, "u-cookie-3");
    await bearer.arrive();
    await vouchedFor(bearer, "u-bearer-3");
    bearer.cookies.set(cookie.cookieName, cookie.token);
    const answer = await bearer.signOut();
    assert.deepEqual(answer.setCookie, []);
    assertRefused(await bearer.account(), 401, "signed_out");
    assert.equal((await cookie.account()).status, 200);
  });
});
