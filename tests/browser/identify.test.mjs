// The host page says who its user is, by a token that the company signed (M7, R40, R41). The edge's part is played.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { Stage, refusal, startRememberingSite } from "../rig/played_edge.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const OTHER = "ag_northwind.CCCCCCCCCCCCCCCCCCCCCC";
const TOKEN = "aaa.bbb.ccc";
let site;
let browser;

before(async () => {
  if (skip) return;
  site = await startRememberingSite();
  browser = await startBrowser();
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

/** A chat whose host page keeps what it hears. */
const at = (options) => Stage.open(browser, site, {
  ...options,
  before: (page) => page.addInitScript(() => {
    window.heard = [];
    (window.Countersign ??= []).push?.(["on", "login", () => heard.push(["login"])], ["on", "logout", () => heard.push(["logout"])], ["on", "error", (code) => heard.push(["error", code])]);
  }),
});
const identify = (stage, token) => stage.chat.page.evaluate((token) => window.Countersign.identify(token), token);
const heard = (stage) => stage.chat.page.evaluate(() => window.heard);

test("a token goes to the edge once, and the host page hears of the login", { skip }, async () => {
  const stage = await at();
  stage.answers["login/host"] = () => {
    stage.who = { state: "authenticated", label: "Ana" };
    return { json: {} };
  };
  await identify(stage, TOKEN);
  assert.deepEqual(await stage.asked("login/host"), { token: TOKEN });
  await stage.chat.inState("authenticated");
  await until("the host page to hear", async () => (await heard(stage)).length > 0);
  assert.deepEqual(await heard(stage), [["login"]]);
  assert.equal(stage.requests.length, 1);
  await stage.close();
});

test("a token given before the chat was opened waits for it", { skip }, async () => {
  const stage = await Stage.open(browser, site, {
    before: (page) => page.addInitScript((token) => (window.Countersign ??= []).push?.(["identify", token]), TOKEN),
  });
  assert.deepEqual(await stage.asked("login/host"), { token: TOKEN });
  assert.equal(stage.visits.length, 1);
  await stage.close();
});

test("a token that is refused is told to the host page as a code and nothing else, and the chat goes on", { skip }, async () => {
  const stage = await at();
  stage.answers["login/host"] = refusal(422, "proof_refused", "The token of ana@example.com is too old.");
  await identify(stage, TOKEN);
  await until("the host page to hear", async () => (await heard(stage)).length > 0);
  assert.deepEqual(await heard(stage), [["error", "proof_refused"]]);
  await stage.chat.inState("unidentified");
  await stage.on("composer").fill("hello");
  await stage.on("send").click();
  await until("the message", () => stage.sent.some(({ text }) => text === "hello"));
  await stage.close();
});

test("no token, an empty one, one that is too long or none at all asks for nothing", { skip }, async () => {
  const stage = await at();
  for (const token of [null, undefined, "", "x".repeat(4_097), 7, {}]) await identify(stage, token);
  stage.answers["login/host"] = { json: {} };
  await identify(stage, TOKEN);
  assert.deepEqual(await stage.asked("login/host"), { token: TOKEN });
  assert.equal(stage.requests.length, 1);
  await stage.close();
});

test("another frame than the host page cannot say who somebody is", { skip }, async () => {
  const stage = await at();
  stage.answers["login/host"] = { json: {} };
  await stage.chat.frame.evaluate((token) => window.postMessage({ countersign: 1, type: "identify", token }, "*"), "forged");
  await identify(stage, TOKEN);
  assert.deepEqual(await stage.asked("login/host"), { token: TOKEN });
  assert.equal(stage.requests.length, 1);
  await stage.close();
});

test("another person on a shared computer finds nothing of the one before", { skip }, async () => {
  const stage = await at({ state: "authenticated", label: "ana@example.com" });
  stage.entry({ type: "message", id: "message-001", text: "where is ana's order" });
  stage.entry({ type: "answer", answer: 1, blocks: [{ type: "paragraph", spans: [{ type: "text", text: "On its way to Ana Street 7." }] }] });
  await stage.card({ methods: ["email_code"], forms: [], address: "ana@example.com" });
  stage.answers.account = { json: { devices: [], proofs: [{ id: "p", method: "email_code", label: "ana@example.com", since: "2026-11-20T12:00:00.000Z", first: true }], passkeys: false } };
  await stage.on("account").click();
  await stage.on("devices").click();
  await stage.says("account-proofs", /ana@example/);
  await stage.on("account-dialog-close").click();
  await stage.on("composer").fill("ana's secret");
  stage.answers["login/host"] = () => {
    stage.who = { conversation: OTHER, state: "authenticated", label: "Ben" };
    return { json: {} };
  };
  await identify(stage, TOKEN);
  await stage.says("state-text", /Ben/);
  assert.deepEqual((await stage.kept()).match(/.{20}\bana\b.{20}/i), null);
  await until("the host page to hear", async () => (await heard(stage)).length > 1);
  assert.deepEqual(await heard(stage), [["logout"], ["login"]]);
  await stage.close();
});
