// The person's own account in its dialog: devices, ways to sign in, passkeys. The edge's part is played.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Stage, refusal, startRememberingSite } from "../rig/played_edge.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const since = "2026-11-20T12:00:00.000Z";
const seen = "2026-11-21T09:30:00.000Z";
const HERE = { id: "d1", label: "Chrome on Linux", since, seen, method: "email_code", here: true };
const OTHER = { id: "d2", label: "Firefox on Windows", since, seen, method: "google" };
const FIRST = { id: "p1", method: "email_code", label: "ana@example.com", since, first: true };
const PHONE = { id: "p2", method: "phone_code", label: "+44 •••• ••0123", since };
const account = (more = {}) => ({ json: { devices: [HERE, OTHER], proofs: [FIRST, PHONE], passkeys: true, ...more } });
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

async function opened(answer = account()) {
  const stage = await Stage.open(browser, site, { state: "authenticated", label: "ana@example.com" });
  stage.answers.account = answer;
  await stage.on("account").click();
  await stage.on("devices").click();
  await stage.on("account-dialog").waitFor();
  await stage.asked("account");
  return stage;
}

const button = (stage, name) => stage.chat.frame.getByRole("button", { name });

test("the dialog shows devices and ways to sign in, this device marked, the first way to stay", { skip }, async () => {
  const stage = await opened();
  await stage.says("account-devices", /Chrome on Linux\s+Signed in Nov 20, 2026.*\s+This device/);
  await stage.says("account-devices", /Firefox on Windows\s+.*\s+Last seen Nov 21, 2026/);
  await stage.says("account-proofs", /ana@example\.com[\s\S]+\+44 •••• ••0123/);
  assert.equal(await button(stage, "Remove ana@example.com").count(), 0);
  assert.equal(await button(stage, "Remove +44 •••• ••0123").count(), 1);
  await stage.focus("account-dialog-close");
  const { page } = stage.chat;
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await stage.chat.violations(), [], colorScheme);
    await shot(page, `account-${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 780 });
  assert.equal(await stage.chat.frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await shot(page, "account-390");
  await stage.close();
});

test("another device is signed out at a press, by keyboard alone, and the list says so", { skip }, async () => {
  const stage = await opened();
  await button(stage, "Sign out Firefox on Windows").waitFor();
  const { keyboard } = stage.chat.page;
  const name = () => stage.chat.frame.evaluate(() => document.activeElement.ariaLabel);
  for (let steps = 0; steps < 12 && (await name()) !== "Sign out Firefox on Windows"; steps += 1) await keyboard.press("Tab");
  stage.answers["account/revoke"] = () => {
    stage.answers.account = account({ devices: [HERE] });
    return { status: 204 };
  };
  await keyboard.press("Enter");
  assert.deepEqual(await stage.asked("account/revoke"), { id: "d2" });
  await button(stage, "Sign out Firefox on Windows").waitFor({ state: "detached" });
  await until("it to be said", () => stage.chat.frame.getByText("Firefox on Windows is signed out.").count());
  await stage.focus("account-dialog-close");
  await keyboard.press("Escape");
  await stage.on("account-dialog").waitFor({ state: "detached" });
  await stage.focus("account");
  assert.ok(await stage.on("composer").isVisible(), "Escape closed the chat too");
  await stage.close();
});

test("this device's button signs out here, and nothing of the person stays on the page", { skip }, async () => {
  const stage = await opened();
  stage.answers.logout = { status: 204 };
  stage.who = { state: "unidentified" };
  await button(stage, "Sign out Chrome on Linux").click();
  assert.deepEqual(await stage.asked("logout"), { everywhere: false });
  await stage.chat.inState("unidentified");
  assert.equal(await stage.on("account-dialog").count(), 0);
  assert.deepEqual((await stage.kept()).match(/.{20}(ana@example|Firefox on Windows|0123).{20}/), null);
  await stage.close();
});

test("a way to sign in is removed after a second yes, which a double click is not", { skip }, async () => {
  const stage = await opened();
  const remove = button(stage, "Remove +44 •••• ••0123");
  await remove.dblclick();
  const sure = button(stage, "Yes, remove it: +44 •••• ••0123");
  assert.equal(await sure.innerText(), "Yes, remove it");
  assert.deepEqual(await stage.chat.violations(), []);
  await shot(stage.chat.page, "account-sure");
  assert.equal(stage.requests.length, 1);
  stage.answers["account/unlink"] = () => {
    stage.answers.account = account({ proofs: [FIRST] });
    return { status: 204 };
  };
  await sure.click();
  assert.deepEqual(await stage.asked("account/unlink"), { id: "p2" });
  await sure.waitFor({ state: "detached" });
  await stage.focus("account-dialog-close");
  await stage.close();
});

test("a failure is said, what is shown stays, and the next try may work", { skip }, async () => {
  const stage = await opened();
  stage.answers["account/revoke"] = refusal(429, "too_often", "", { retry_after_s: 7 });
  await button(stage, "Sign out Firefox on Windows").click();
  await stage.says("account-dialog-error", /in 7 s/);
  await stage.says("account-devices", /Firefox on Windows/);
  assert.deepEqual(await stage.chat.violations(), []);
  await stage.close();
  const failed = await opened(refusal(503, "unavailable"));
  await failed.says("account-dialog-error", /on our side/);
  assert.deepEqual(await failed.chat.violations(), []);
  await failed.close();
});

test("no other device, no way to sign in but one, no passkeys: it says what there is", { skip }, async () => {
  const stage = await opened(account({ devices: [HERE], proofs: [], passkeys: false }));
  await stage.says("account-proofs", /Nothing yet/);
  assert.ok(await stage.on("passkey-add").isHidden());
  assert.deepEqual(await stage.chat.violations(), []);
  await stage.close();
});

test("a passkey is added from the dialog, and one that the browser does not make is said so", { skip }, async () => {
  const stage = await opened();
  await stage.chat.frame.evaluate(() => {
    navigator.credentials.create = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  const options = { rp: { id: "edge.test", name: "x" }, user: { id: "AAAA", name: "a", displayName: "a" }, challenge: "AAAA", pubKeyCredParams: [], excludeCredentials: [] };
  stage.answers["account/passkey"] = { json: options };
  await stage.on("passkey-add").click();
  await stage.says("account-dialog-error", /No passkey was used/);
  await stage.focus("passkey-add");
  await stage.chat.frame.evaluate(() => {
    navigator.credentials.create = () => Promise.resolve({ toJSON: () => ({ id: "made" }) });
  });
  stage.answers["account/passkey/keep"] = () => {
    stage.answers.account = account({ proofs: [FIRST, { id: "p3", method: "passkey", label: "Passkey of Chrome on Linux", since }] });
    return { status: 204 };
  };
  await stage.on("passkey-add").click();
  assert.deepEqual(await stage.asked("account/passkey/keep"), { credential: { id: "made" } });
  await stage.says("account-proofs", /Passkey of Chrome on Linux/);
  await stage.says("account-dialog-error", /^$/);
  await stage.close();
});
