// Tokens of the company's API that end: refreshed before they do, once after a refusal, one at a time, and safe from a
// crash in the middle (K5, R55).
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { agentWithActions } from "../rig/agents.mjs";
import { startProcess } from "../rig/process.mjs";
import { raceRefreshes } from "../rig/refreshes.mjs";
import { startStage, typed } from "../rig/stage.mjs";
import { until } from "../rig/wait.mjs";

const REFRESH = "/token/refresh";
let stage;
let company;
let puppet;
let edge;

before(async () => {
  stage = await startStage({ start: startProcess, agents: (api, model) => [
      agentWithActions(api, "ag_norefresh", { model, changed: { refresh_token: null } }),
      agentWithActions(api, "ag_nosecret", { model, changed: { refresh_token: { headers: [{ name: "x-api-key", value: "{{secret.absent}}" }] } } }),
    ] });
  ({ company, puppet, edge } = stage);
});
after(() => stage?.stop());
afterEach(() => stage.clear());

async function signedIn(options) {
  const one = await stage.signedIn(options);
  stage.clear();
  return one;
}

/** Has the order tracked and gives what the model was told. */
const tracks = async ({ who, line }) => (await stage.does(line, ["track_order", { order_number: who.order }]))[0];

const asked = () => company.requests.map(({ path, answered }) => `${path.replace(/NW-\d+/, "N")} ${answered}`);

describe("a token that the API refuses", () => {
  test("is refreshed, and the call is made once more", async () => {
    const one = await signedIn();
    company.accounts.expire(one.who.user_id);
    assert.equal((await tracks(one)).status, "done");
    assert.deepEqual(asked(), ["/orders/N 401", `${REFRESH} 200`, "/orders/N 200"]);
    // The new one is kept: the next call needs no refresh.
    company.requests.length = 0;
    assert.equal((await tracks(one)).status, "done");
    assert.deepEqual(asked(), ["/orders/N 200"]);
    await one.visitor.leave();
  });

  test("again right after the refresh ends it: no loop", async () => {
    const one = await signedIn();
    company.always({ status: 401, body: { success: false, message: "No." } }, ({ path }) => path.startsWith("/orders/"));
    const end = await one.line.ask(puppet.plan([["track_order", { order_number: one.who.order }]]));
    assert.equal(company.asked(REFRESH).length, 1);
    assert.ok(company.asked(/orders/).length <= 2, `${company.asked(/orders/).length} calls`);
    assert.ok(["card", "answer"].includes(end.type));
    await one.visitor.leave();
  });

  test("and cannot be refreshed asks for the log-in, and the call goes on after it", async () => {
    const one = await signedIn();
    company.accounts.expire(one.who.user_id);
    for (const [token, kept] of company.accounts.refreshTokens) if (kept.user_id === one.who.user_id) company.accounts.refreshTokens.delete(token);
    const text = puppet.plan([["track_order", { order_number: one.who.order }]]);
    const end = await one.line.ask(text);
    assert.equal(end.type, "card");
    assert.deepEqual(end.card.methods, ["login_action"]);
    await one.visitor.signInAt("sign_in", typed(one.who), { card: end.card.id });
    assert.equal((await puppet.toldOf(text))[0].told.status, "done");
    await one.visitor.leave();
  });

  test("asks for the log-in where the agent has no way to refresh", async () => {
    const one = await signedIn({ agent: "ag_norefresh" });
    company.accounts.expire(one.who.user_id);
    const end = await one.line.ask(puppet.plan([["track_order", { order_number: one.who.order }]]));
    assert.equal(end.type, "card");
    assert.equal(company.asked(REFRESH).length, 0);
    await one.visitor.leave();
  });
});

describe("a refresh", () => {
  test("of fifty at once is one (R55)", async () => {
    assert.deepEqual(await raceRefreshes(stage, 50), { count: 50, refreshes: 1, tracked: "done" });
  });

  test("shared by calls that are refused at the same moment is one", async () => {
    const one = await signedIn();
    company.accounts.expire(one.who.user_id);
    const text = puppet.plan([["track_order", { order_number: one.who.order }], ["track_order", { order_number: "NW-1001" }], ["track_order", { order_number: "NW-1042" }]]);
    await one.line.ask(text);
    const [own, ...others] = (await puppet.toldOf(text, 3)).map(({ told }) => told);
    assert.equal(own.status, "done");
    others.forEach((other) => assert.match(other.error, /No such order/));
    assert.equal(company.asked(REFRESH).filter(({ answered }) => answered === 200).length, 1);
    await one.visitor.leave();
  });

  test("whose answer was lost is asked for again under the same key, and nobody is locked out", async () => {
    const one = await signedIn();
    company.accounts.expire(one.who.user_id);
    company.next({ cut: "after" }, { when: ({ path }) => path === REFRESH });
    const before = company.accounts.refreshes;
    let told = await tracks(one);
    // Whether the edge tries again by itself or at the next call is its own affair; the person must not have to log in.
    if (told.status !== "done") told = await tracks(one);
    assert.equal(told.status, "done", JSON.stringify(told));
    assert.equal(company.accounts.refreshes, before + 1);
    const keys = company.asked(REFRESH).map(({ headers }) => headers["idempotency-key"]);
    assert.ok(keys.length >= 2 && keys[0] && keys.every((key) => key === keys[0]), `${keys}`);
    await one.visitor.leave();
  });

  test("that failed on the API's side is no reason to log in again", async () => {
    const one = await signedIn();
    company.accounts.expire(one.who.user_id);
    company.next({ status: 503, body: { success: false, message: "Try later." } }, { when: ({ path }) => path === REFRESH });
    let told = await tracks(one);
    if (told.status !== "done") told = await tracks(one);
    assert.equal(told.status, "done", JSON.stringify(told));
    await one.visitor.leave();
  });

  for (const [what, body] of [
    ["no token", { success: true, data: {} }],
    ["a token that is no text", { success: true, data: { token: ["x"], refresh_token: "y" } }],
    ["an empty token", { success: true, data: { token: "", refresh_token: "" } }],
    ["no success", { success: false, data: { token: "stolen-token", refresh_token: "y" } }],
  ]) {
    test(`that brings ${what} changes nothing`, async () => {
      const one = await signedIn();
      company.accounts.expire(one.who.user_id);
      company.next({ status: 200, body }, { when: ({ path }) => path === REFRESH });
      await one.line.ask(puppet.plan([["track_order", { order_number: one.who.order }]]));
      assert.ok(company.asked(/orders/).every(({ headers }) => /^Bearer nw_at_\S+$/.test(headers.authorization)), "a call was sent with what the refresh did not bring");
      await one.visitor.leave();
    });
  }

  test("is sent the refresh token and nothing of the model's", async () => {
    const one = await signedIn();
    company.accounts.expire(one.who.user_id);
    await tracks(one);
    const [{ json, headers }] = company.asked(REFRESH);
    assert.deepEqual(Object.keys(json), ["refresh_token"]);
    assert.equal(headers.authorization, undefined);
    assert.ok(headers["idempotency-key"]);
    for (const secret of [json.refresh_token, ...company.accounts.tokens.keys()]) {
      assert.ok(!puppet.model.bytes().includes(secret) && !edge.logs().includes(secret));
    }
    await one.visitor.leave();
  });
});

describe("before a token ends", () => {
  /** Somebody whose token lasts six seconds; later ones last as long as ever. */
  async function signedInShortly(options) {
    const before = company.accounts.tokenSeconds;
    company.accounts.tokenSeconds = 6;
    try {
      return await stage.signedIn(options);
    } finally {
      company.accounts.tokenSeconds = before;
    }
  }

  test("it is refreshed without anybody asking", async () => {
    const one = await signedInShortly();
    await until("a longer token", () => [...company.accounts.tokens.values()].some(({ user_id, ends }) => user_id === one.who.user_id && ends > company.now() + 60_000), 30_000);
    assert.equal(company.asked(REFRESH)[0].answered, 200);
    company.requests.length = 0;
    assert.equal((await tracks(one)).status, "done");
    assert.ok(company.asked(/orders/).every(({ answered }) => answered === 200), "a call was made with a token that had ended");
    await one.visitor.leave();
  });

  for (const [what, ends] of [["no end", undefined], ["an end that is over", 0], ["an end in a moment", 3_000]]) {
    test(`a refresh that gives ${what} is not made again and again`, async () => {
      company.always(({ json }) => {
        const pair = company.accounts.refresh(json.refresh_token);
        return { status: 200, body: { success: true, data: { ...pair, expires_at: ends === undefined ? undefined : new Date(company.now() + ends).toISOString() } } };
      }, ({ path }) => path === REFRESH);
      const one = await signedInShortly();
      await until("a refresh", () => company.asked(REFRESH).length > 0, 30_000);
      await sleep(6_000);
      for (let n = 0; n < 3; n += 1) assert.equal((await tracks(one)).status, "done");
      assert.equal(company.asked(REFRESH).length, 1);
      await one.visitor.leave();
    });
  }

  test("a refresh that cannot be made is tried later and later", async () => {
    const tried = () => edge.logs().split("refresh_not_prepared").length - 1;
    const before = tried();
    const one = await signedInShortly({ agent: "ag_nosecret" });
    await until("an attempt", () => tried() > before, 30_000);
    await sleep(6_000);
    assert.equal(tried(), before + 1);
    assert.equal(company.asked(REFRESH).length, 0);
    await one.visitor.leave();
  });
});

describe("after kill -9", () => {
  test("between the refresh and keeping it, the person is not locked out", async () => {
    for (let round = 0; round < 3; round += 1) {
      const one = await signedIn();
      company.accounts.expire(one.who.user_id);
      company.next({ hold: "after" }, { when: ({ path }) => path === REFRESH });
      const { refreshes } = company.accounts;
      await one.line.say(puppet.plan([["track_order", { order_number: one.who.order }]]));
      await until("the API to have given a new pair", () => company.accounts.refreshes > refreshes);
      await edge.kill();
      company.release();
      await edge.answers();
      await one.line.closed;
      await one.visitor.arrive();
      const line = await one.visitor.connect();
      const told = await tracks({ who: one.who, line });
      assert.equal(told.status, "done", JSON.stringify(told));
      assert.equal(company.accounts.refreshes, refreshes + 1, "another refresh was made");
      await one.visitor.leave();
    }
  });
});
