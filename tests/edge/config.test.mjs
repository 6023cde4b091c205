// A deployment that is not configured, keys that change, a database that is down (R24, R70; K7).
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { request } from "../rig/http.mjs";
import { freshKey } from "../rig/secrets.mjs";
import { until } from "../rig/wait.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { headOf } from "../rig/token.mjs";

const ID = "ag_northwind.AAAAAAAAAAAAAAAAAAAAAA";

/** Starts an edge for one test. */
async function withEdge(options, run) {
  const edge = await startEdge(options);
  try {
    await run(edge);
  } finally {
    await edge.stop();
  }
}

describe("an edge whose secrets are missing or no good", () => {
  const short = Buffer.alloc(16, 7).toString("base64");
  for (const [what, secrets, named] of [
    ["no key at all", { COUNTERSIGN_MASTER_KEY: "", COUNTERSIGN_SIGNING_KEYS: "" }, ["COUNTERSIGN_MASTER_KEY", "COUNTERSIGN_SIGNING_KEYS"]],
    ["short keys", { COUNTERSIGN_MASTER_KEY: short, COUNTERSIGN_SIGNING_KEYS: `k1:${short}` }, ["COUNTERSIGN_MASTER_KEY", "COUNTERSIGN_SIGNING_KEYS"]],
    ["keys that are no base64", { COUNTERSIGN_MASTER_KEY: "change me, please", COUNTERSIGN_SIGNING_KEYS: "k1:secret" }, ["COUNTERSIGN_MASTER_KEY", "COUNTERSIGN_SIGNING_KEYS"]],
    ["a key of one repeated byte", { COUNTERSIGN_MASTER_KEY: Buffer.alloc(32).toString("base64") }, ["COUNTERSIGN_MASTER_KEY"]],
    ["a signing key without an id", { COUNTERSIGN_SIGNING_KEYS: freshKey() }, ["COUNTERSIGN_SIGNING_KEYS"]],
    ["two signing keys of one id", { COUNTERSIGN_SIGNING_KEYS: `k1:${freshKey()},k1:${freshKey()}` }, ["COUNTERSIGN_SIGNING_KEYS"]],
    ["the same key for both", (() => {
      const key = freshKey();
      return { COUNTERSIGN_MASTER_KEY: key, COUNTERSIGN_SIGNING_KEYS: `k1:${key}` };
    })(), []],
  ]) {
    if (named.length === 0) continue;
    test(`answers 503 everywhere and names all of it in its log: ${what}`, async () => {
      await withEdge({ secrets }, async (edge) => {
        const visitor = new Visitor(edge);
        const answers = [
          await request(`${edge.url}/health`),
          await request(`${edge.url}/frame/ag_northwind`),
          await visitor.visit(),
          await visitor.send(`/api/conversations/${ID}/login/verify`, { body: { card: "A".repeat(22), code: "123456" } }),
          await visitor.send(`/api/conversations/${ID}/logout`, { body: {} }),
        ];
        for (const answer of answers) {
          assert.equal(answer.status, 503, answer.text);
          assert.deepEqual(answer.setCookie, []);
          assert.doesNotMatch(answer.text, /COUNTERSIGN|KEY|secret|base64|configur/i);
        }
        assert.deepEqual(answers[0].json(), { ok: false });
        await assert.rejects(() => visitor.socket(0, { conversation: ID }), { status: 503 });
        const line = await until("the log to name what is missing", () => edge.logs().split("\n").find((one) => named.every((name) => one.includes(name))));
        for (const value of Object.values(secrets)) {
          if (value) assert.ok(!line.includes(value) && !edge.logs().includes(value), "the log shows a secret");
        }
      });
    });
  }
});

test("a sound deployment says so and nothing else", async () => {
  await withEdge({}, async (edge) => {
    const health = await request(`${edge.url}/health`);
    assert.equal(health.status, 200);
    assert.deepEqual(health.json(), { ok: true });
  });
});

describe("signing keys", () => {
  test("are rotated without signing anybody out, and a retired one signs nobody in", async () => {
    const [first, second] = [freshKey(), freshKey()];
    await withEdge({ secrets: { COUNTERSIGN_SIGNING_KEYS: `k1:${first}` } }, async (edge) => {
      const visitor = new Visitor(edge);
      await visitor.signIn("ana@example.com");
      const stranger = new Visitor(edge);
      await stranger.arrive();
      assert.equal(headOf(visitor.token).kid, "k1");
      const { conversation } = visitor;

      await edge.restartWith({ COUNTERSIGN_SIGNING_KEYS: `k2:${second},k1:${first}` });
      for (const one of [visitor.sibling(), stranger.sibling()]) {
        assert.equal((await one.arrive()).conversation, one.conversation);
      }
      assert.equal((await visitor.arrive()).state, "authenticated");
      const line = await visitor.connect();
      await line.ask("What is your return policy?");
      const newcomer = new Visitor(edge);
      await newcomer.arrive();
      assert.equal(headOf(newcomer.token).kid, "k2");

      const old = new Visitor(edge);
      old.cookies.set(visitor.cookieName, visitor.token);
      const kid = headOf(visitor.token).kid;
      await edge.restartWith({ COUNTERSIGN_SIGNING_KEYS: `k2:${second}` });
      assert.equal((await newcomer.arrive()).conversation, newcomer.conversation);
      const after = await old.visit({ conversation });
      if (kid === "k1") {
        assert.equal(after.status, 200);
        assert.notEqual(after.json().conversation, conversation);
      } else {
        assert.equal(after.json().conversation, conversation, "renewed under the new key, it must live on");
      }
      await visitor.leave();
    });
  });

  test("are tried by id alone: an old key under a new id signs nobody in", async () => {
    const [first, second] = [freshKey(), freshKey()];
    await withEdge({ secrets: { COUNTERSIGN_SIGNING_KEYS: `k1:${first}` } }, async (edge) => {
      const visitor = new Visitor(edge);
      const { conversation } = await visitor.arrive();
      await edge.restartWith({ COUNTERSIGN_SIGNING_KEYS: `k1:${second},k0:${first}` });
      assert.notEqual((await visitor.arrive()).conversation, conversation);
    });
  });
});

test("when the database is down every answer is closed and says nothing of it", async () => {
  await withEdge({}, async (edge) => {
    await edge.sql([["ALTER TABLE agent RENAME TO agent_gone"]]);
    const visitor = new Visitor(edge);
    assertRefused(await visitor.visit(), 503, "unavailable");
    const page = await request(`${edge.url}/frame/ag_northwind`);
    assert.equal(page.status, 503);
    assert.match(page.headers["content-security-policy"] ?? "frame-ancestors 'none'", /frame-ancestors 'none'/);
    assert.doesNotMatch(page.text, /sqlite|D1_|no such table|agent_gone/i);
    await edge.sql([["ALTER TABLE agent_gone RENAME TO agent"]]);
    await until("the edge to be well again", async () => (await visitor.visit()).status === 200);
  });
});
