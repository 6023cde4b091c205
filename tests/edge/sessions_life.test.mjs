// How long a session lasts (K1, K3, K4, K7, R25, R27): it slides, it ends, the settings of the moment hold, and no two tabs race.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { agentWithHost, giveSecret, show, hostToken, vouchedFor } from "../rig/host_token.mjs";
import { seeding } from "../rig/agents.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { freshKey } from "../rig/secrets.mjs";
import { claimsOf, headOf } from "../rig/token.mjs";
import { until } from "../rig/wait.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AGENTS = { ag_idle: { inactivity_minutes: 30, absolute_hours: 4 }, ag_brief: { inactivity_minutes: 1, absolute_hours: 0 }, ag_ever: { until_sign_out: true }, ag_moved: { inactivity_minutes: 60, absolute_hours: 48 } };
const settings = (id, session) => agentWithHost(id, { auth: { session } });

let edge;
let users = 0;

before(async () => {
  edge = await startEdge({ agents: Object.entries(AGENTS).map(([id, session]) => settings(id, session)) });
  for (const id of Object.keys(AGENTS)) await giveSecret(edge, id);
});
after(() => edge?.stop());

async function signedIn(agent, userId = `u-${(users += 1)}`) {
  const visitor = new Visitor(edge, { agent });
  await vouchedFor(visitor, userId);
  return visitor;
}

/** Whether the visitor's token still opens their conversation. */
async function lives(visitor) {
  const answer = await visitor.account();
  if (answer.status !== 200) assertRefused(answer, 401, "signed_out");
  return answer.status === 200;
}

/** The edge has told the client that the line is over; the connection itself may end later. */
const hungUp = (line) => until("the line to be closed", () => line.socket.readyState !== line.socket.constructor.OPEN && line.socket._closeCode);

describe("a session with limits", () => {
  test("lives on as long as something is done, and no longer", async () => {
    const visitor = await signedIn("ag_idle");
    for (let visit = 0; visit < 6; visit += 1) {
      await edge.later(28 * MINUTE);
      assert.equal((await visitor.arrive()).state, "authenticated", `visit ${visit}`);
    }
    await edge.later(31 * MINUTE);
    assert.equal(await lives(visitor), false);
    const { conversation } = visitor;
    const after = await visitor.arrive();
    assert.notEqual(after.conversation, conversation);
    assert.equal(after.state, "unidentified");
  });

  test("ends at its absolute limit whatever is done, and its cookie says so from the begin", async () => {
    const visitor = await signedIn("ag_idle");
    const { token } = visitor;
    assert.equal(claimsOf(token).exp - claimsOf(token).iat, 4 * 3600);
    for (let visit = 0; visit < 9; visit += 1) {
      await edge.later(25 * MINUTE);
      assert.equal(await lives(visitor), true, `visit ${visit}`);
    }
    assert.equal(visitor.token, token, "sliding needs no other cookie");
    await edge.later(16 * MINUTE);
    assert.equal(await lives(visitor), false);
  });

  test("is held to five minutes and an hour at least", async () => {
    const visitor = await signedIn("ag_brief");
    assert.equal(claimsOf(visitor.token).exp - claimsOf(visitor.token).iat, 3600);
    await edge.later(4 * MINUTE);
    assert.equal(await lives(visitor), true);
    await edge.later(5 * MINUTE + 1_000);
    assert.equal(await lives(visitor), false);
  });

  test("lives on by messages over the socket alone", async () => {
    const visitor = await signedIn("ag_idle");
    const line = await visitor.connect();
    for (let message = 0; message < 4; message += 1) {
      await edge.later(25 * MINUTE);
      await line.say("What is your return policy?");
      // The person's object is told in the background.
      await until("the session to be seen", async () => {
        const [device] = (await visitor.sibling().account()).json().devices;
        return Date.now() + edge.ahead() - Date.parse(device.seen) < MINUTE;
      });
    }
    assert.equal(await lives(visitor), true);
    await visitor.leave();
  });

  test("does not live on by a page that only comes back to its socket", async () => {
    const visitor = await signedIn("ag_idle");
    for (let time = 0; time < 2; time += 1) {
      await edge.later(14 * MINUTE);
      const line = await visitor.socket();
      await line.ready();
      await line.close();
    }
    await edge.later(3 * MINUTE);
    assert.equal(await lives(visitor), false);
  });

  /** What a page's own script does while nobody is there, and what only a visitor does. `look` asks for newer settings as an open page does. */
  const look = (visitor, headers = {}, query = "") => visitor.send(`/frame/ag_idle${query}`, { method: "GET", headers: { "content-type": undefined, "x-countersign": undefined, origin: undefined, "if-none-match": '"older"', "sec-fetch-dest": "empty", ...headers } });
  const byItself = {
    "a page that visits again what it shows already": (visitor) => visitor.visit({ conversation: visitor.conversation, after: 1 }),
    "a frame in the page's flow, which nobody opened": (visitor) => visitor.visit({}, { headers: { referer: `${edge.origin}/frame/ag_idle?in` } }),
    "a host page that says at each load who its user is": (visitor, user) => show(visitor, hostToken("ag_idle", user, { ahead: edge.ahead() })),
    "a frame that the browser loads anew": (visitor) => look(visitor, { "sec-fetch-dest": "iframe" }),
    "another site's look at the frame": (visitor) => look(visitor, { "sec-fetch-site": "cross-site" }),
    "a look from a frame in the page's flow": (visitor) => look(visitor, {}, "?in"),
  };
  for (const [what, act] of Object.entries(byItself)) {
    test(`does not live on by ${what}`, async () => {
      const user = `u-${(users += 1)}`;
      const visitor = await signedIn("ag_idle", user);
      for (let time = 0; time < 2; time += 1) {
        await edge.later(14 * MINUTE);
        const { status } = await act(visitor, user);
        assert.ok(status < 300, `${status}`);
      }
      await edge.later(3 * MINUTE);
      assert.equal(await lives(visitor), false);
    });
  }
  const byVisitor = {
    "a chat that is opened": (visitor) => visitor.visit({}, { headers: { referer: `${edge.origin}/frame/ag_idle` } }),
    "a chat that is opened again in an open page": (visitor) => look(visitor),
  };
  for (const [what, act] of Object.entries(byVisitor)) {
    test(`lives on by ${what}`, async () => {
      const visitor = await signedIn("ag_idle");
      for (let time = 0; time < 3; time += 1) {
        await edge.later(28 * MINUTE);
        const { status } = await act(visitor);
        assert.equal(status, 200);
      }
      assert.equal(await lives(visitor), true);
    });
  }

  test("closes an idle socket at its next frame, and takes nothing from it", async () => {
    const visitor = await signedIn("ag_idle");
    const line = await visitor.connect();
    await edge.later(31 * MINUTE);
    line.send({ type: "message", id: "m_too_late_000001", text: "Is anybody there?" });
    assert.equal(await hungUp(line), 4401);
    assert.ok(!line.frames.some((frame) => frame.type === "ack"));
    await visitor.leave();
  });

  test("sends an idle socket nothing of what is said on another device", async () => {
    const who = `u-${(users += 1)}`;
    const [idle, busy] = [await signedIn("ag_idle", who), await signedIn("ag_idle", who)];
    const line = await idle.connect();
    await edge.later(20 * MINUTE);
    assert.equal(await lives(busy), true);
    await edge.later(11 * MINUTE);
    const other = await busy.connect();
    await other.say("What is your return policy?");
    assert.equal(await hungUp(line), 4401);
    assert.ok(!line.frames.some((frame) => frame.type === "message" && frame.text?.includes("return policy")));
    await idle.leave();
    await busy.leave();
  });

  test("keeps a socket whose person is busy in another tab", async () => {
    const visitor = await signedIn("ag_idle");
    const line = await visitor.connect();
    await edge.later(20 * MINUTE);
    await visitor.sibling().arrive();
    await edge.later(20 * MINUTE);
    await line.say("What is your return policy?");
    assert.equal(line.closeCode, undefined);
    await visitor.leave();
  });
});

describe("until sign-out", () => {
  test("a session lasts 400 days from the last visit, by a cookie that is signed again after a day", async () => {
    const visitor = await signedIn("ag_ever");
    const first = visitor.token;
    assert.equal(claimsOf(first).exp - claimsOf(first).iat, 400 * 86_400);
    await edge.later(23 * HOUR);
    await visitor.arrive();
    assert.equal(visitor.token, first);
    await edge.later(2 * HOUR);
    await visitor.arrive();
    assert.notEqual(visitor.token, first);
    for (const claim of ["sid", "sub", "auth_time", "aud", "iss", "conv", "amr"]) assert.deepEqual(claimsOf(visitor.token)[claim], claimsOf(first)[claim], claim);
    assert.equal(claimsOf(visitor.token).exp - claimsOf(visitor.token).iat, 400 * 86_400);
    for (let time = 0; time < 2; time += 1) {
      await edge.later(399 * DAY);
      assert.equal((await visitor.arrive()).state, "authenticated");
    }
    await edge.later(401 * DAY);
    assert.equal(await lives(visitor), false);
  });

  test("a session ends at sign-out", async () => {
    const visitor = await signedIn("ag_ever");
    const { token, conversation } = visitor;
    await visitor.signOut();
    visitor.cookies.set(visitor.cookieName, token);
    visitor.conversation = conversation;
    assert.equal(await lives(visitor), false);
  });
});

test("settings that are changed hold at once for those who are signed in", async () => {
  const visitor = await signedIn("ag_moved");
  const first = visitor.token;
  const change = async (session) => {
    await edge.sql(seeding([settings("ag_moved", session)], []));
    // What an isolate has read serves for five seconds.
    await edge.later(6_000);
  };
  await edge.later(50 * MINUTE);
  assert.equal(await lives(visitor), true);
  await change({ inactivity_minutes: 180, absolute_hours: 96 });
  await edge.later(2 * HOUR);
  await visitor.arrive();
  assert.equal(claimsOf(visitor.token).exp - claimsOf(first).exp, 48 * 3600, "a longer limit moves the cookie's end");
  const longer = visitor.token;
  await change({ inactivity_minutes: 30, absolute_hours: 24 });
  await visitor.arrive();
  assert.equal(visitor.token, longer, "no cookie is ever made shorter");
  await edge.later(31 * MINUTE);
  assert.equal(await lives(visitor), false, "the shorter limit holds whatever the cookie says");
});

test("a token may be off by a minute, and not by five", async () => {
  for (const [off, alive] of [[-30_000, true], [30_000, true], [5 * MINUTE, false]]) {
    const visitor = await signedIn("ag_ever");
    const { exp } = claimsOf(visitor.token);
    const left = exp * 1000 - Date.now() - edge.ahead();
    await edge.later(left + off);
    // The person's object has seen them a while ago: until sign-out both end together, but for the leeway of the token.
    const answer = await visitor.account();
    const tokenEnded = off > MINUTE;
    assert.equal(answer.status === 200, alive && off < 0, `${off} ms: ${answer.text}`);
    if (tokenEnded) assertRefused(answer, 401, "signed_out");
  }
});

describe("keys that rotate", () => {
  test("sign nobody out: who visits gets the new key, in every tab at once, and keeps their session", async () => {
    const [busy, away] = [await signedIn("ag_moved"), await signedIn("ag_moved")];
    const [k1, k2] = [edge.secrets.COUNTERSIGN_SIGNING_KEYS, `k2:${freshKey()}`];
    await edge.restartWith({ COUNTERSIGN_SIGNING_KEYS: `${k2},${k1}` });
    const before = busy.token;
    // Two tabs with one jar: each sends the old token, whichever answer comes last is what the jar holds.
    const tabs = Array.from({ length: 8 }, () => busy.sibling());
    const visits = await Promise.all(tabs.map((tab) => tab.visit()));
    for (const [index, tab] of tabs.entries()) {
      assert.equal(visits[index].status, 200);
      assert.equal(visits[index].json().state, "authenticated");
      assert.equal(headOf(tab.token).kid, "k2");
      for (const claim of ["sid", "sub", "auth_time", "exp"]) assert.deepEqual(claimsOf(tab.token)[claim], claimsOf(before)[claim], claim);
      assert.match(visits[index].setCookie.join(), /Max-Age=[1-9]/);
    }
    await edge.restartWith({ COUNTERSIGN_SIGNING_KEYS: k2 });
    for (const tab of tabs) assert.equal((await tab.arrive()).state, "authenticated");
    assert.equal(await lives(away), false, "a key that was retired still opens");
    busy.cookies.set(busy.cookieName, before);
    assert.equal(await lives(busy), false);
  });

  test("do not hand an older token to a tab while another is about to sign in", async () => {
    const k3 = `k3:${freshKey()}`;
    await edge.restartWith({ COUNTERSIGN_SIGNING_KEYS: k3 });
    const visitor = new Visitor(edge, { agent: "ag_moved" });
    const line = await visitor.connect();
    await visitor.askForCard(line);
    await edge.restartWith({ COUNTERSIGN_SIGNING_KEYS: `k4:${freshKey()},${k3}` });
    assert.deepEqual((await visitor.sibling().visit()).setCookie, []);
    await edge.later(11 * MINUTE);
    assert.equal((await visitor.sibling().visit()).setCookie.length, 1);
    await visitor.leave();
  });
});

test("a computer that two people share: the second one gets another conversation, and the first one's session is over", async () => {
  const visitor = await signedIn("ag_idle");
  const line = await visitor.connect();
  await line.say("What is your return policy?");
  const { conversation, token } = visitor;
  const answer = await show(visitor, hostToken("ag_idle", "u-somebody-else", { ahead: edge.ahead() }));
  assert.equal(answer.status, 200);
  assert.equal(await hungUp(line), 4401);
  const visited = (await visitor.visit({ conversation, after: 3 })).json();
  assert.notEqual(visited.conversation, conversation, "the page is told to begin empty");
  assert.ok(!JSON.stringify(visited.frames).includes("return policy"));
  const old = new Visitor(edge, { agent: "ag_idle" });
  old.cookies.set(old.cookieName, token);
  old.conversation = conversation;
  assert.equal(await lives(old), false);
  await visitor.leave();
});
