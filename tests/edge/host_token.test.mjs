// What the host page says of its user (M7): signed, for this agent, short-lived, once (R22, R27, R41).
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { Visitor, plain } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { forgedHostTokens } from "../rig/forgeries.mjs";
import { KEYS, agentWithHost, claims, giveSecret, hostToken, secret, show, signed, settingsKeys, vouchedFor } from "../rig/host_token.mjs";
import { root } from "../rig/paths.mjs";
import { assertRefused, essence } from "../rig/refusal.mjs";
import { claimsOf } from "../rig/token.mjs";

const AGENT = "ag_host";
let edge;
let users = 0;
const user = () => `u-${(users += 1)}`;
const fresh = async (agent = AGENT) => {
  const visitor = new Visitor(edge, { agent });
  await visitor.arrive();
  return visitor;
};
const token = (userId, more = {}) => hostToken(AGENT, userId, { ahead: edge.ahead(), ...more });

before(async () => {
  edge = await startEdge({
    agents: [
      agentWithHost(AGENT),
      agentWithHost("ag_forgetful", { auth: { persistent_context: false } }),
      agentWithHost("ag_off", { auth: { methods: ["email_code"] } }),
      agentWithHost("ag_none", { auth: { host_token: null } }),
      agentWithHost("ag_keyless"),
      agentWithHost("ag_short"),
      agentWithHost("ag_twice", { keys: [...settingsKeys, { ...settingsKeys[1], kid: "h1" }] }),
    ],
  });
  for (const id of [AGENT, "ag_forgetful", "ag_off", "ag_none", "ag_twice"]) await giveSecret(edge, id);
  await giveSecret(edge, "ag_short", secret.slice(0, 31));
});
after(() => edge?.stop());

/** Nobody is signed in here, and it is the conversation it was. */
async function assertNobody(visitor, conversation) {
  const visited = await visitor.arrive();
  assert.equal(visited.state, "unidentified");
  assert.equal(visited.conversation, conversation);
  assert.equal(visited.label, undefined);
}

describe("a good token", () => {
  for (const kid of Object.keys(KEYS)) {
    test(`signed with ${KEYS[kid].alg} signs its user in`, async () => {
      const visitor = await fresh();
      const { conversation, token: old } = visitor;
      const response = await show(visitor, token(user(), { kid }));
      assert.equal(response.status, 200, response.text);
      assert.deepEqual(response.json(), { conversation });
      const said = claimsOf(visitor.token);
      assert.deepEqual(said.amr, ["fed"]);
      assert.notEqual(said.sid, claimsOf(old).sid);
      assert.equal((await visitor.arrive()).state, "authenticated");
      visitor.cookies.set(visitor.cookieName, old);
      assertRefused(await visitor.visit({ conversation }), 401, "signed_out");
    });
  }

  test("closes the sockets of before, and who comes back is signed in", async () => {
    const visitor = await fresh();
    const line = await visitor.connect();
    await vouchedFor(visitor, user());
    assert.equal((await line.closed).code, 4001);
    const again = await visitor.connect();
    assert.ok(again.numbered.some((frame) => frame.type === "state" && frame.state === "authenticated"));
    await visitor.leave();
  });

  test("answers the question that an open card had stopped", async () => {
    const visitor = await fresh();
    const line = await visitor.connect();
    await visitor.askForCard(line, "Where is my order?");
    await vouchedFor(visitor, user(), { email: "ana@example.com", email_verified: true, name: "Ana" });
    const again = await visitor.connect();
    await again.until("the card to be done", (frame) => frame.type === "card" && frame.card.step.at === "done");
    const answer = await again.until("the answer", (frame) => frame.type === "answer" && plain(frame.blocks).includes("NW-10"));
    assert.ok(answer);
    assert.equal((await visitor.arrive()).label, "Ana");
    await visitor.leave();
  });

  test("finds nobody's records by an address that the company did not verify", async () => {
    for (const said of [undefined, "true", 1, false]) {
      const visitor = await fresh();
      await vouchedFor(visitor, user(), { email: "ana@example.com", email_verified: said });
      const line = await visitor.connect();
      const { seq } = await line.say("Where is my order?");
      await line.ending(seq);
      assert.ok(!JSON.stringify(line.frames).includes("NW-10"), `email_verified ${said} gave Ana's orders`);
      const kept = (await visitor.remembered()).json();
      assert.ok(!JSON.stringify(kept).includes("ana@"), JSON.stringify(kept));
      await visitor.leave();
    }
  });

  test("brings the same user back to the same conversation from another browser", async () => {
    const [phone, laptop] = [await fresh(), await fresh()];
    const who = user();
    await vouchedFor(phone, who);
    await vouchedFor(laptop, who);
    assert.equal(laptop.conversation, phone.conversation);
    assert.equal((await phone.arrive()).state, "authenticated");
  });

  test("of who is signed in already changes nothing, and is used up all the same", async () => {
    const visitor = await fresh();
    const who = user();
    await vouchedFor(visitor, who);
    const { token: cookie, conversation } = visitor;
    const line = await visitor.connect();
    const again = token(who);
    const response = await show(visitor, again);
    assert.equal(response.status, 204);
    assert.deepEqual(response.setCookie, []);
    assert.equal(visitor.token, cookie);
    await line.ping();
    assert.equal(line.closeCode, undefined);
    assertRefused(await show(await fresh(), again), 422, "proof_refused");
    assert.equal((await visitor.arrive()).conversation, conversation);
    await visitor.leave();
  });

  test("remembers nothing where the agent must not", async () => {
    const visitor = await fresh("ag_forgetful");
    await vouchedFor(visitor, user(), { email: "ana@example.com", email_verified: true, name: "Ana" });
    assert.deepEqual((await visitor.remembered()).json().fields, []);
  });
});

describe("a token of somebody else than who is signed in", () => {
  test("begins another conversation and ends the session that was there", async () => {
    const visitor = await fresh();
    await vouchedFor(visitor, user());
    const line = await visitor.connect();
    await line.ask("What is your return policy?");
    const { conversation: old, token: cookie } = visitor;
    const response = await show(visitor, token(user()));
    assert.equal(response.status, 200, response.text);
    assert.notEqual(response.json().conversation, old);
    assert.equal((await line.closed).code, 4401);
    const visited = await visitor.arrive();
    assert.equal(visited.conversation, response.json().conversation);
    assert.equal(visited.state, "authenticated");
    assert.ok(!JSON.stringify(visited.frames).includes("return policy"), "the other person's words are shown");
    // The old session is over everywhere, not replaced alone.
    const thief = new Visitor(edge, { agent: AGENT });
    thief.cookies.set(thief.cookieName, cookie);
    assert.notEqual((await thief.visit({ conversation: old })).json().conversation, old);
    await assert.rejects(() => thief.socket(0, { conversation: old }), { status: 401 });
    await visitor.leave();
  });

  test("leaves the first one's other devices alone", async () => {
    const [shared, own] = [await fresh(), await fresh()];
    const who = user();
    await vouchedFor(shared, who);
    await vouchedFor(own, who);
    await vouchedFor(shared, user());
    assert.equal((await own.arrive()).state, "authenticated");
    assert.notEqual(shared.conversation, own.conversation);
  });
});

test("a token is used once, of a hundred at the same moment too", async () => {
  const good = token(user());
  const visitors = await Promise.all(Array.from({ length: 100 }, () => fresh()));
  const answers = await Promise.all(visitors.map((visitor) => show(visitor, good)));
  assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
  for (const answer of answers.filter(({ status }) => status !== 200)) assertRefused(answer, 422, "proof_refused");
});

const nobodies = () => forgedHostTokens(AGENT, edge.ahead());

describe("what proves nobody", () => {
  test("signs nobody in, and says the same whatever it is", async () => {
    const cases = nobodies();
    assert.ok(cases.length >= 30);
    const visitor = await fresh();
    const { conversation } = visitor;
    const said = new Set();
    for (const [what, shown] of cases) {
      const answer = await show(visitor, shown);
      assert.equal(answer.status, 422, `${what}: ${answer.status} ${answer.text}`);
      assertRefused(answer, 422, "proof_refused");
      assert.deepEqual(answer.setCookie, [], what);
      said.add(essence(answer));
    }
    said.add(essence(await visitor.send(visitor.under("login/host"), { body: {} })));
    assert.equal(said.size, 1, "refusals differ");
    await assertNobody(visitor, conversation);
  });

  test("does not disturb who is signed in", async () => {
    const visitor = await fresh();
    await vouchedFor(visitor, user());
    const { token: cookie, conversation } = visitor;
    const line = await visitor.connect();
    for (const [what, shown] of nobodies()) {
      const answer = await show(visitor, shown);
      assert.equal(answer.status, 422, what);
      assert.deepEqual(answer.setCookie, [], what);
    }
    await line.ping();
    assert.equal(line.closeCode, undefined);
    assert.equal(visitor.token, cookie);
    const visited = await visitor.arrive();
    assert.equal(visited.conversation, conversation);
    assert.equal(visited.state, "authenticated");
    await visitor.leave();
  });

  test("opens no other door: not as a cookie, not as a bearer, not over a socket, not in another request", async () => {
    const visitor = await fresh();
    const victim = await fresh();
    await vouchedFor(victim, "victim");
    const { conversation } = victim;
    const tried = [["a good token in the wrong place", token("victim")], ...nobodies()].filter(([, shown]) => typeof shown === "string" && shown.trim() !== "" && !/\s/.test(shown));
    for (const [what, shown] of tried) {
      const holders = [{ authorization: `Bearer ${shown}`, cookie: undefined }, { cookie: `${visitor.cookieName}=${shown}` }];
      for (const headers of holders) {
        for (const [path, method, body] of [
          ["account", "GET"], ["remembered", "GET"], ["remembered/erase", "POST", {}], ["account/revoke", "POST", { id: "x" }],
          ["login/host", "POST", { token: shown }], ["login/start", "POST", { card: "A".repeat(22), method: "email_code", address: "x@example.com" }],
          ["login/verify", "POST", { card: "A".repeat(22), code: "123456" }], ["login/cancel", "POST", { card: "A".repeat(22) }],
          ["login/action", "POST", { card: "A".repeat(22), action: "x", values: {} }],
        ]) {
          const answer = await new Visitor(edge, { agent: AGENT }).send(victim.under(path), { method, body, headers });
          assert.equal(answer.status, 401, `${what}: ${path} answered ${answer.status} ${answer.text}`);
        }
      }
      const stranger = new Visitor(edge, { agent: AGENT });
      // What is no word of RFC 6455 no browser sends.
      if (/^[\w.-]+$/.test(shown)) await assert.rejects(() => stranger.socket(0, { conversation, protocols: ["countersign", `bearer.${shown}`] }), { status: 401 }, what);
      // No request but login/host takes a token, a user or an identity in its body.
      for (const extra of [{ token: shown }, { user_id: "victim" }, { identity: { user_id: "victim" } }, { sub: "victim" }]) {
        assertRefused(await visitor.send(`/api/agents/${AGENT}/visit`, { body: extra }), 400, "bad_request");
        assertRefused(await visitor.send(visitor.under("login/cancel"), { body: { card: "A".repeat(22), ...extra } }), 400, "bad_request");
      }
    }
    assert.equal((await victim.arrive()).state, "authenticated");
  });
});

test("an agent that does not take host tokens refuses a good one", async () => {
  for (const id of ["ag_off", "ag_none"]) {
    const visitor = await fresh(id);
    const { conversation } = visitor;
    assertRefused(await show(visitor, hostToken(id, "u-1", { ahead: edge.ahead() })), 403, "method_off");
    await assertNobody(visitor, conversation);
  }
});

test("a secret that is missing or short, or a kid that two keys claim, lets nobody in", async () => {
  const short = (id) => signed({ alg: "HS256", kid: "h1" }, claims(id, "u-1", { ahead: edge.ahead() }), { key: secret.slice(0, 31) });
  for (const [id, shown] of [
    ["ag_keyless", hostToken("ag_keyless", "u-1", { ahead: edge.ahead() })], ["ag_keyless", signed({ alg: "HS256", kid: "h1" }, claims("ag_keyless", "u-1", { ahead: edge.ahead() }), { key: "" })],
    ["ag_short", short("ag_short")], ["ag_twice", hostToken("ag_twice", "u-1", { ahead: edge.ahead() })],
  ]) {
    const visitor = await fresh(id);
    assertRefused(await show(visitor, shown), 422, "proof_refused");
  }
});

test("the company's clock may be off by a minute, and not by five", async () => {
  for (const [off_s, status] of [[0, 200], [-60, 200], [58, 200], [-300, 200], [300, 422], [-700, 422], [-600, 422]]) {
    const visitor = await fresh();
    const answer = await show(visitor, token(user(), { ahead: edge.ahead() + off_s * 1000 }));
    assert.equal(answer.status, status, `${off_s} s: ${answer.text}`);
  }
});

test("the trail says why a token was refused, and holds none", async () => {
  const visitor = await fresh();
  const bad = token("somebody-secret", { aud: "ag_off" });
  await show(visitor, bad);
  const { conversation } = visitor;
  const entry = (await edge.ledger(AGENT)).find((record) => record.kind === "login_refused" && record.conversation === conversation);
  assert.equal(entry.detail.why, "claims");
  assert.ok(!JSON.stringify(await edge.ledger(AGENT)).includes("somebody-secret"));
  assert.ok(!edge.logs().includes(bad.split(".")[2]));
});

// The page for companies shows six languages. What can run here is run; its token must be accepted.
const snippets = () => {
  const text = readFileSync(path.join(root, "docs", "host-token.md"), "utf8");
  return Object.fromEntries([...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language, code]) => [language, code]));
};

/** How a snippet is run: the file, the command, and a last line that prints the token. */
const RUNS = {
  js: ["token.mjs", "node", "\nconsole.log(hostToken({ id: process.env.USER_ID, email: 'ana@example.com', name: 'Ana' }));\n"],
  python: ["token.py", "python3", "\nimport os\nprint(host_token({'id': os.environ['USER_ID'], 'email': 'ana@example.com', 'name': 'Ana'}))\n"],
  php: ["token.php", "php", "\necho host_token(['id' => getenv('USER_ID'), 'email' => 'ana@example.com', 'name' => 'Ana']);\n"],
  ruby: ["token.rb", "ruby", "\nputs host_token({ id: ENV['USER_ID'], email: 'ana@example.com', name: 'Ana' })\n"],
};

describe("the snippets of docs/host-token.md", () => {
  for (const [language, [file, program, call]] of Object.entries(RUNS)) {
    const missing = spawnSync(program, ["--version"]).error !== undefined;
    test(`in ${language} makes a token that is accepted`, { skip: missing && `${program} is not on this machine` }, async () => {
      const folder = mkdtempSync(path.join(tmpdir(), "countersign-snippet-"));
      try {
        const [one, who] = [path.join(folder, file), user()];
        writeFileSync(one, snippets()[language] + call);
        const env = { ...process.env, COUNTERSIGN_HOST_SECRET: secret, COUNTERSIGN_AGENT: AGENT, USER_ID: who };
        const made = execFileSync(program, [one], { env, encoding: "utf8" }).trim();
        const visitor = await fresh();
        // The snippet has this machine's clock, which is the edge's too unless a test moved it.
        assert.equal(edge.ahead(), 0);
        const answer = await show(visitor, made);
        assert.equal(answer.status, 200, answer.text);
        assert.equal((await visitor.arrive()).label, "Ana");
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  test("are of six languages, and each sets what is asked for and no key in its text", () => {
    const all = snippets();
    for (const language of ["js", "python", "php", "ruby", "java", "go"]) {
      assert.ok(all[language], `no snippet in ${language}`);
      for (const word of ["sub", "aud", "iat", "exp", "jti", "email_verified", "HS256", "kid", "COUNTERSIGN_HOST_SECRET"]) {
        assert.ok(all[language].includes(word), `${language} does not set ${word}`);
      }
    }
  });
});

test("the settings' keys are public ones", () => {
  for (const key of settingsKeys.filter((one) => one.public)) assert.equal(createPublicKey(key.public).type, "public");
});

// Last, because it moves the clock.
test("one network shows sixty tokens an hour, good or not, and keeps nobody else from theirs", async () => {
  const visitor = await fresh();
  for (let time = 0; time < 60; time += 1) assertRefused(await show(visitor, "a.b.c"), 422, "proof_refused");
  const good = token(user());
  assert.ok(assertRefused(await show(visitor, good), 429, "too_often").retry_after_s > 0);
  // Refused unread: the token is still good.
  assert.equal((await show(await fresh(), good)).status, 200);
  await edge.later(3_600_000);
  assert.equal((await show(visitor, token(user()))).status, 200);
});
