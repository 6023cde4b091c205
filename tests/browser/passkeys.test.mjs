// Passkeys in the frame, with the browser's own authenticator played by the browser (M8). The edge's part is played.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { CARD, Stage, loginCard, refusal, startRememberingSite } from "../rig/played_edge.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const CHALLENGE = "A".repeat(43);
const CARD_WITH = { methods: ["passkey", "email_code"], forms: [] };
const ACCOUNT = { devices: [], proofs: [{ id: "p1", method: "email_code", label: "ana@example.com", since: "2026-11-21T12:00:00.000Z", first: true }], passkeys: true };
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

const creation = () => ({
  rp: { id: "edge.test", name: "Northwind Outfitters" },
  user: { id: CHALLENGE, name: "ana@example.com", displayName: "ana@example.com" },
  challenge: CHALLENGE,
  pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -257 }],
  timeout: 10_000,
  excludeCredentials: [],
  authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
  attestation: "none",
});
const request = () => ({ challenge: CHALLENGE, timeout: 10_000, rpId: "edge.test", allowCredentials: [], userVerification: "required" });
const done = { json: { card: loginCard({ ...CARD_WITH, step: { at: "done" } }) } };

/** A chat in whose frame the browser plays an authenticator of the device. */
async function at(options, isUserVerified = true) {
  const stage = await Stage.open(browser, site, options);
  const devtools = await stage.chat.page.context().newCDPSession(stage.chat.frame).catch(() => stage.chat.page.context().newCDPSession(stage.chat.page));
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified, automaticPresenceSimulation: true },
  });
  stage.device = { devtools, authenticatorId };
  return stage;
}

/** Signs in by an email code, as far as the page can tell. */
async function signedIn(stage) {
  stage.who = { state: "authenticated", label: "ana@example.com" };
  stage.answers["login/start"] = done;
  await stage.card({ methods: ["email_code"], forms: [] });
  await stage.on("card-email").fill("ana@example.com");
  await stage.on("card-send").click();
  await stage.chat.inState("authenticated");
}

test("after a login a passkey is offered, made, and signs in the next time", { skip }, async () => {
  const stage = await at();
  stage.answers.account = { json: ACCOUNT };
  stage.answers["account/passkey"] = { json: creation() };
  stage.answers["account/passkey/keep"] = { status: 204 };
  await signedIn(stage);
  await stage.says("passkey-offer", /Sign in faster next time:\s*Add a passkey\s*Not now/);
  for (const colorScheme of ["light", "dark"]) {
    await stage.chat.page.emulateMedia({ colorScheme });
    assert.deepEqual(await stage.chat.violations(), [], colorScheme);
    await shot(stage.chat.page, `passkey-offer-${colorScheme}`);
  }
  await stage.on("passkey-offer-add").focus();
  await stage.chat.page.keyboard.press("Enter");
  const { credential } = await stage.asked("account/passkey/keep");
  assert.equal(credential.type, "public-key");
  assert.ok(credential.response.attestationObject);
  await stage.says("passkey-offer", /Passkey saved/);
  await stage.focus("composer");
  const { credentials } = await stage.device.devtools.send("WebAuthn.getCredentials", { authenticatorId: stage.device.authenticatorId });
  assert.equal(credentials.length, 1);

  stage.answers["login/passkey"] = { json: request() };
  stage.answers["login/passkey/verify"] = done;
  await stage.card({ ...CARD_WITH, id: "CCCCCCCCCCCCCCCCCCCCCC" });
  assert.deepEqual(await stage.chat.violations(), []);
  await shot(stage.chat.page, "passkey-card");
  await stage.on("card-passkey").click();
  const proof = await stage.asked("login/passkey/verify");
  assert.equal(proof.card, "CCCCCCCCCCCCCCCCCCCCCC");
  assert.equal(proof.credential.id, credential.id);
  const client = JSON.parse(Buffer.from(proof.credential.response.clientDataJSON, "base64url").toString());
  assert.equal(client.challenge, CHALLENGE);
  assert.equal(client.origin, site.origin);
  assert.deepEqual(await stage.asked("login/passkey"), { card: "CCCCCCCCCCCCCCCCCCCCCC" });
  await stage.close();
});

test("a browser that writes no JSON of its own sends the same", { skip }, async () => {
  const stage = await at({ before: (page) => page.addInitScript(() => {
    delete PublicKeyCredential.parseCreationOptionsFromJSON;
    delete PublicKeyCredential.parseRequestOptionsFromJSON;
    delete PublicKeyCredential.prototype.toJSON;
  }) });
  stage.answers.account = { json: ACCOUNT };
  stage.answers["account/passkey"] = { json: creation() };
  stage.answers["account/passkey/keep"] = { status: 204 };
  await signedIn(stage);
  await stage.on("passkey-offer-add").click();
  const { credential } = await stage.asked("account/passkey/keep");
  stage.answers["login/passkey"] = { json: { ...request(), allowCredentials: [{ type: "public-key", id: credential.id }] } };
  stage.answers["login/passkey/verify"] = done;
  await stage.card({ ...CARD_WITH, id: "CCCCCCCCCCCCCCCCCCCCCC" });
  await stage.on("card-passkey").click();
  const { credential: proof } = await stage.asked("login/passkey/verify");
  assert.equal(proof.rawId, credential.id);
  for (const name of ["clientDataJSON", "authenticatorData", "signature"]) assert.match(proof.response[name], /^[\w-]+$/, name);
  assert.match(credential.response.attestationObject, /^[\w-]+$/);
  await stage.close();
});

describe("no passkey is offered", { skip }, () => {
  for (const [why, account] of [
    ["to who has one", { ...ACCOUNT, proofs: [{ ...ACCOUNT.proofs[0], id: "p2", method: "passkey" }] }],
    ["where the agent takes none", { ...ACCOUNT, passkeys: false }],
  ]) {
    test(why, async () => {
      const stage = await at();
      stage.answers.account = { json: account };
      await signedIn(stage);
      await stage.asked("account");
      // The dialog is drawn from a later answer of the same kind: by then the offer would stand.
      await stage.on("account").click();
      await stage.on("devices").click();
      await stage.on("account-dialog").waitFor();
      await stage.asked("account", 2);
      assert.equal(await stage.on("passkey-offer").count(), 0);
      await stage.close();
    });
  }

  test("again once it was waved away", async () => {
    const stage = await at();
    stage.answers.account = { json: ACCOUNT };
    await signedIn(stage);
    await stage.on("passkey-offer-not").click();
    await stage.on("passkey-offer").waitFor({ state: "detached" });
    await stage.focus("composer");
    await stage.close();
  });
});

test("a passkey that the visitor or the edge refuses is said so, and another way is open", { skip }, async () => {
  const stage = await at({}, false);
  stage.answers["login/passkey"] = { json: { ...request(), timeout: 1_000 } };
  await stage.card(CARD_WITH);
  await stage.on("card-passkey").click();
  await stage.says("card-error", /No passkey was used\. Try again, or sign in another way/);
  assert.deepEqual(await stage.chat.violations(), []);
  stage.answers["login/passkey"] = refusal(422, "proof_refused");
  await stage.on("card-passkey").click();
  await stage.says("card-error", /did not prove who you are/);
  assert.equal(await stage.on("card-send").getAttribute("aria-disabled"), "false");
  await stage.close();
});

test("a browser without passkeys is shown no button for them", { skip }, async () => {
  const stage = await Stage.open(browser, site, { before: (page) => page.addInitScript(() => delete window.PublicKeyCredential) });
  await stage.card(CARD_WITH);
  await stage.on("card-email").waitFor();
  assert.ok(await stage.on("card-passkey").isHidden());
  await stage.close();
});
