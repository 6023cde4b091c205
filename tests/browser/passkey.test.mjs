// Passkeys inside the cross-site frame, from the click to the edge and back: a real browser with an authenticator of its
// own, a real edge (M8).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { Chat, startSite } from "../rig/site.mjs";

const skip = noBrowser();
let site;
let browser;

before(async () => {
  if (skip) return;
  site = await startSite({ agents: (origins) => [agent("ag_northwind", { origins, auth: { methods: ["email_code", "passkey"] } })] });
  browser = await startBrowser();
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

/** Has the browser play an authenticator of the device, for the frame, which is another site than the page. */
async function withDevice(chat) {
  const context = chat.page.context();
  const devtools = await context.newCDPSession(chat.frame).catch(() => context.newCDPSession(chat.page));
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
}

test("a visitor adds a passkey after a login, signs out, and comes back with it", { skip }, async () => {
  const chat = await Chat.at(browser, site);
  await chat.open();
  const credentials = await withDevice(chat);
  await chat.ask("Where is my order?");
  await chat.on("card").waitFor();
  await chat.signIn("ana@example.com");
  await chat.inState("authenticated");
  await chat.says(/NW-100[123]/);
  await chat.on("passkey-offer-add").click();
  await chat.on("passkey-offer").getByText(/saved/).waitFor();
  const [made] = await credentials();
  assert.equal(made.isResidentCredential, true);
  assert.equal(new URL(site.origin).hostname, made.rpId);

  await chat.on("account").click();
  await chat.on("signout").click();
  await chat.inState("unidentified");
  await chat.askAtCard();
  await chat.on("card-passkey").click();
  await chat.inState("authenticated");
  await chat.says(/NW-100[123]/);
  assert.equal((await credentials())[0].signCount > made.signCount, true, "the authenticator signed");
  await chat.page.close();
});
