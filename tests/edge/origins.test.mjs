// Where a request may come from (R36, R37, R39): a state changes only by a POST from our own page.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { openChallenge } from "../rig/race.mjs";
import { assertRefused } from "../rig/refusal.mjs";

const ORIGIN = "https://edge.test:8443";
let edge;

before(async () => {
  edge = await startEdge({ origin: ORIGIN });
});
after(() => edge?.stop());

/** Forty origins that look like the edge's own and are not. */
const LOOKALIKES = [
  "null", "*", "edge.test:8443", "//edge.test:8443", "http://edge.test:8443", "https://edge.test", "https://edge.test:443",
  "https://edge.test:84430", "https://edge.test:844", "https://edge.test:8443/", "https://edge.test:8443/x", "https://edge.test:8443?",
  "https://edge.test:8443#", "https://edge.test:8443.evil.test", "https://edge.test.evil.test:8443", "https://evil.test/edge.test:8443",
  "https://evil.test?https://edge.test:8443", "https://evil.test#https://edge.test:8443", "https://evil-edge.test:8443",
  "https://xedge.test:8443", "https://edge.testx:8443", "https://sub.edge.test:8443", "https://edge.test.:8443",
  "https://edge..test:8443", "https://.edge.test:8443", "https://edge-test:8443", "https://user@edge.test:8443",
  "https://edge.test:8443@evil.test", "https://EDGE.TEST:8443", "HTTPS://edge.test:8443", "https://edg%65.test:8443",
  "https://xn--edg-dma.test:8443", "https://edge.test:8443 https://evil.test", "https://edge.test:8443,https://evil.test",
  "https://edge.test:08443", "https://edge.test:8443:8443", "wss://edge.test:8443", "ws://edge.test:8443", "file://", "chrome-extension://edge.test:8443",
  "https://shop.test", "https://localhost:8443", "https://127.0.0.1:8443", "data:", "about:blank", "https://",
];

/** Every request that changes something, for a visitor with a card and a code. */
function changes(visitor, card, code) {
  return [
    ["visit", { path: `/api/agents/${visitor.agent}/visit`, body: {} }],
    ["login/start", { path: visitor.under("login/start"), body: { card, method: "email_code", address: "new@example.com" } }],
    ["login/verify", { path: visitor.under("login/verify"), body: { card, code } }],
    ["login/cancel", { path: visitor.under("login/cancel"), body: { card } }],
    ["logout", { path: visitor.under("logout"), body: {} }],
  ];
}

/** Headers that no page but our own sends, one thing wrong in each. */
const FORGERIES = [
  ["no custom header", { "x-countersign": undefined }],
  ["a custom header of another value", { "x-countersign": "0" }],
  ["no origin", { origin: undefined }],
  ["a foreign origin", { origin: "https://evil.test" }],
  ["the host page's origin", { origin: "https://shop.test" }],
  ["a cross-site fetch", { "sec-fetch-site": "cross-site" }],
  ["a same-site fetch", { "sec-fetch-site": "same-site" }],
  ["a navigation", { "sec-fetch-site": "none" }],
  ["a form", { "content-type": "application/x-www-form-urlencoded" }],
  ["a form with text", { "content-type": "text/plain" }],
  ["a form with a file", { "content-type": "multipart/form-data; boundary=x" }],
  ["no content type", { "content-type": undefined }],
];

describe("a POST that is not our own page's", () => {
  test("has no effect on any route, with or without a cookie", async () => {
    const { visitor, line, card, code } = await openChallenge(edge, "forged@example.com");
    const seen = line.lastSeq;
    for (const [route, { path, body }] of changes(visitor, card, code)) {
      for (const [what, headers] of FORGERIES) {
        for (const cookie of [visitor.cookieHeader, undefined]) {
          const attacker = new Visitor(edge);
          const answer = await attacker.send(path, { body, headers: { cookie, ...headers } });
          assert.ok([400, 401, 403, 415].includes(answer.status), `${route}, ${what}: ${answer.status} ${answer.text}`);
          assert.deepEqual(answer.setCookie, [], `${route}, ${what}`);
        }
      }
    }
    await line.ping();
    assert.equal(line.lastSeq, seen, "something was written to the conversation");
    assert.equal((await edge.mailbox.to("new@example.com")).length, 0);
    assert.equal((await visitor.verify(card, code)).status, 200, "the visitor's own code no longer works");
    await visitor.leave();
  });

  test("is refused for every origin that only looks like ours", async () => {
    const visitor = new Visitor(edge);
    await visitor.arrive();
    for (const origin of LOOKALIKES) {
      assertRefused(await visitor.send(`/api/agents/${visitor.agent}/visit`, { body: {}, headers: { origin } }), 403, "wrong_origin");
    }
  });

  test("passes without Sec-Fetch-Site, which old browsers do not send", async () => {
    const visitor = new Visitor(edge);
    assert.equal((await visitor.visit({}, { headers: { "sec-fetch-site": undefined } })).status, 200);
  });
});

test("a GET changes nothing, wherever it comes from", async () => {
  const { visitor, line, card, code } = await openChallenge(edge, "got@example.com");
  const seen = line.lastSeq;
  for (const [route, { path }] of changes(visitor, card, code)) {
    for (const method of ["GET", "HEAD"]) {
      const answer = await visitor.send(`${path}?card=${card}&code=${code}`, { method, headers: { "content-type": undefined } });
      assert.equal(answer.status, 405, `${method} ${route}`);
      assert.deepEqual(answer.setCookie, []);
    }
  }
  await line.ping();
  assert.equal(line.lastSeq, seen);
  assert.equal((await visitor.verify(card, code)).status, 200);
  await visitor.leave();
});

describe("a socket", () => {
  test("is refused for every origin that only looks like ours, with a good cookie", async () => {
    const visitor = new Visitor(edge);
    await visitor.arrive();
    for (const origin of [...LOOKALIKES, undefined, "https://evil.test"]) {
      await assert.rejects(() => visitor.socket(0, { headers: { origin } }), { status: 403 }, `${origin}`);
    }
    const line = await visitor.connect();
    await line.ping();
    await visitor.leave();
  });
});

test("no answer lets another origin's script read it", async () => {
  const visitor = new Visitor(edge);
  await visitor.arrive();
  for (const [method, path] of [["OPTIONS", `/api/agents/${visitor.agent}/visit`], ["GET", "/frame/ag_northwind"], ["POST", `/api/agents/${visitor.agent}/visit`]]) {
    const answer = await visitor.send(path, { method, headers: { origin: "https://evil.test", "access-control-request-method": "POST" } });
    assert.equal(answer.headers["access-control-allow-origin"], undefined, `${method} ${path}`);
    assert.equal(answer.headers["access-control-allow-credentials"], undefined);
  }
});
