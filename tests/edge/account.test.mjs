// The person's account (K6): where they are signed in, and signing one of those out.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { agentWithHost, giveSecret, vouchedFor } from "../rig/host_token.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { claimsOf } from "../rig/token.mjs";
import { until } from "../rig/wait.mjs";

const AGENT = "ag_host";
const AGENTS = { windows: "Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0", phone: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1" };
let edge;
let users = 0;

before(async () => {
  edge = await startEdge({ agents: [agentWithHost(AGENT), agentWithHost("ag_keys", { auth: { methods: ["host_token", "passkey"] } })] });
  for (const id of [AGENT, "ag_keys"]) await giveSecret(edge, id);
});
after(() => edge?.stop());

/** A visitor with a browser of this name, signed in as this user. */
async function signedIn(who, userAgent, agent = AGENT) {
  const visitor = new Visitor(edge, { agent });
  const { send } = visitor;
  visitor.send = (path, options = {}) => send.call(visitor, path, { ...options, headers: { "user-agent": userAgent, ...options.headers } });
  await vouchedFor(visitor, who, { name: "Ana" });
  return visitor;
}

const user = () => `u-${(users += 1)}`;
const hungUp = (line) => until("the line to be closed", () => line.socket.readyState !== line.socket.constructor.OPEN && line.socket._closeCode, 2_000);

describe("the account", () => {
  test("lists each browser by its name, this one first, and no session's id", async () => {
    const who = user();
    const laptop = await signedIn(who, AGENTS.windows);
    await edge.later(61_000);
    const phone = await signedIn(who, AGENTS.phone);
    const answer = await laptop.account();
    const account = answer.json();
    assert.deepEqual(account.devices.map(({ label, here, method }) => [label, here, method]), [["Firefox on Windows", true, "host_token"], ["Safari on iPhone", undefined, "host_token"]]);
    const [here, there] = account.devices;
    assert.ok(Date.parse(here.since) < Date.parse(there.since));
    assert.ok(Date.parse(here.seen) >= Date.parse(here.since));
    for (const { token } of [laptop, phone]) assert.ok(!answer.text.includes(claimsOf(token).sid), "a session's id is shown");
    assert.notEqual(here.id, there.id);
    assert.deepEqual(account.proofs.map(({ method, label, first }) => [method, label, first]), [["host_token", "Ana", true]]);
    assert.equal(account.passkeys, false);
    assert.equal(answer.headers["cache-control"], "no-store");
  });

  test("says whether the agent takes passkeys", async () => {
    assert.equal((await signedIn(user(), AGENTS.phone, "ag_keys").then((visitor) => visitor.account())).json().passkeys, true);
  });

  test("is for nobody who is not signed in, and of nobody else", async () => {
    const ana = await signedIn(user(), AGENTS.windows);
    const stranger = new Visitor(edge, { agent: AGENT });
    await stranger.arrive();
    assertRefused(await stranger.account(), 401, "signed_out");
    assertRefused(await stranger.account({ conversation: ana.conversation }), 401, "signed_out");
    const ben = await signedIn(user(), AGENTS.windows);
    assertRefused(await ben.account({ conversation: ana.conversation }), 401, "signed_out");
    assertRefused(await new Visitor(edge, { agent: AGENT }).account({ conversation: ana.conversation }), 401, "signed_out");
  });
});

describe("signing a device out", () => {
  test("ends its session, closes its sockets within two seconds, and leaves the others alone", async () => {
    const who = user();
    const [laptop, phone] = [await signedIn(who, AGENTS.windows), await signedIn(who, AGENTS.phone)];
    const [lost, kept] = [await phone.connect(), await laptop.connect()];
    const [, there] = (await laptop.account()).json().devices;
    assert.equal((await laptop.revoke(there.id)).status, 204);
    assert.equal(await hungUp(lost), 4401);
    assertRefused(await phone.account(), 401, "signed_out");
    await assert.rejects(() => phone.socket(), { status: 401 });
    await kept.ping();
    assert.equal(kept.closeCode, undefined);
    assert.equal((await laptop.account()).json().devices.length, 1);
    assertRefused(await laptop.revoke(there.id), 404, "not_found");
    await laptop.leave();
    await phone.leave();
  });

  test("of one's own signs this browser out", async () => {
    const laptop = await signedIn(user(), AGENTS.windows);
    const [here] = (await laptop.account()).json().devices;
    assert.equal((await laptop.revoke(here.id)).status, 204);
    assertRefused(await laptop.account(), 401, "signed_out");
  });

  test("of somebody else's, or by a name that is none, does nothing", async () => {
    const [ana, ben] = [await signedIn(user(), AGENTS.windows), await signedIn(user(), AGENTS.windows)];
    const [device] = (await ben.account()).json().devices;
    for (const id of [device.id, "", "x", claimsOf(ana.token).sid, claimsOf(ben.token).sid]) assertRefused(await ana.revoke(id), 404, "not_found");
    assertRefused(await ana.send(ana.under("account/revoke"), { body: {} }), 400, "bad_request");
    assertRefused(await ana.revoke(device.id, { headers: { origin: "https://evil.test" } }), 403, "wrong_origin");
    assertRefused(await ben.revoke(device.id, { conversation: ana.conversation }), 401, "signed_out");
    for (const visitor of [ana, ben]) assert.equal((await visitor.account()).status, 200);
  });

  test("everywhere leaves no device", async () => {
    const who = user();
    const [one, two] = [await signedIn(who, AGENTS.windows), await signedIn(who, AGENTS.phone)];
    assert.equal((await one.signOut({ everywhere: true })).status, 204);
    assertRefused(await two.account(), 401, "signed_out");
  });
});
