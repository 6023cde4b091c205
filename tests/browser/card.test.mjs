// The login card by keyboard alone, for a screen reader, and when something goes wrong (E8, L3, L4, L8).
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
let site;
let browser;
let addresses = 0;

before(async () => {
  if (skip) return;
  site = await startSite();
  browser = await startBrowser();
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});
afterEach(async () => {
  await browser?.context.clearCookies();
});

const address = () => {
  addresses += 1;
  return `card${addresses}@example.com`;
};

async function atCard() {
  const chat = await Chat.at(browser, site);
  await chat.open();
  await chat.ask("Where is my order?");
  await chat.on("card").waitFor();
  return chat;
}

const error = (chat, pattern) => until(`the card to say ${pattern}`, async () => pattern.test(await chat.on("card-error").innerText()));

test("the whole story goes by keyboard alone", { skip }, async () => {
  const chat = await Chat.at(browser, site);
  const { keyboard } = chat.page;
  const to = "ana@example.com";
  // The launcher is the page's only control.
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await chat.opened();
  await until("the focus in the text field", async () => (await chat.focused()) === "composer");
  await keyboard.type("Where is my order?");
  await keyboard.press("Enter");
  await chat.on("card").waitFor();
  await until("the focus on the card", async () => (await chat.focused()) === "card-email");
  await keyboard.type(to);
  await keyboard.press("Enter");
  await until("the focus on the code", async () => (await chat.focused()) === "card-code");
  const code = await chat.codeFromInbox(to);
  await keyboard.type(code);
  await chat.inState("authenticated");
  await until("the focus back in the text field", async () => (await chat.focused()) === "composer");
  await chat.says(/NW-100[123]/);
  for (let steps = 0; steps < 12 && (await chat.focused()) !== "account"; steps += 1) await keyboard.press("Shift+Tab");
  assert.equal(await chat.focused(), "account");
  await keyboard.press("Enter");
  await keyboard.press("Tab");
  assert.equal(await chat.focused(), "devices");
  await keyboard.press("Tab");
  assert.equal(await chat.focused(), "signout");
  await keyboard.press("Enter");
  await chat.inState("unidentified");
  await chat.page.close();
});

test("axe finds nothing at any step", { skip }, async () => {
  const chat = await Chat.at(browser, site);
  const to = address();
  await chat.open();
  assert.deepEqual(await chat.violations(), [], "empty conversation");
  await chat.ask("Where is my order?");
  await chat.on("card-email").waitFor();
  assert.deepEqual(await chat.violations(), [], "card at the address");
  await chat.on("card-email").fill("nonsense");
  await chat.on("card-send").click();
  await error(chat, /email address/);
  assert.deepEqual(await chat.violations(), [], "card with an error");
  await chat.on("card-email").fill(to);
  await chat.on("card-send").click();
  await chat.on("card-code").waitFor();
  assert.deepEqual(await chat.violations(), [], "card at the code");
  const code = await chat.codeFromInbox(to);
  await chat.on("card-code").fill(String((Number(code) + 1) % 1e6).padStart(6, "0"));
  await error(chat, /did not work/);
  assert.deepEqual(await chat.violations(), [], "card with a wrong code");
  await shot(chat.page, "card-wrong-code");
  await chat.on("card-code").fill(code);
  await chat.inState("authenticated");
  assert.deepEqual(await chat.violations(), [], "signed in");
  await chat.on("account").click();
  assert.deepEqual(await chat.violations(), [], "the account's menu");
  await chat.page.close();
});

test("axe finds nothing in a dark page", { skip }, async () => {
  const chat = await Chat.at(browser, site);
  await chat.page.emulateMedia({ colorScheme: "dark" });
  await chat.open();
  await chat.ask("Where is my order?");
  await chat.on("card-email").waitFor();
  assert.deepEqual(await chat.violations(), []);
  await shot(chat.page, "card-dark");
  await chat.page.close();
});

describe("a code", { skip }, () => {
  test("is one field that a phone can fill and that takes a paste with spaces", async () => {
    const chat = await atCard();
    const to = address();
    await chat.on("card-email").fill(to);
    await chat.on("card-send").click();
    const field = chat.on("card-code");
    await field.waitFor();
    assert.equal(await field.getAttribute("autocomplete"), "one-time-code");
    assert.equal(await field.getAttribute("inputmode"), "numeric");
    const code = await chat.codeFromInbox(to);
    await field.focus();
    await field.fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await chat.inState("authenticated");
    await chat.page.close();
  });

  test("that is wrong is said so, and the right one works after it", async () => {
    const chat = await atCard();
    const to = address();
    await chat.on("card-email").fill(to);
    await chat.on("card-send").click();
    await chat.on("card-code").waitFor();
    const code = await chat.codeFromInbox(to);
    await chat.on("card-code").fill(String((Number(code) + 7) % 1e6).padStart(6, "0"));
    await error(chat, /did not work/);
    await chat.on("card-code").fill(code);
    await chat.inState("authenticated");
    await chat.page.close();
  });

  test("typed into the chat goes to the card and is not in the transcript", async () => {
    const chat = await atCard();
    const to = address();
    await chat.on("card-email").fill(to);
    await chat.on("card-send").click();
    await chat.on("card-code").waitFor();
    const code = await chat.codeFromInbox(to);
    await chat.ask(`it is ${code}`);
    await chat.inState("authenticated");
    await chat.says(/[\s\S]/);
    assert.ok(!(await chat.transcript()).includes(code));
    await chat.page.close();
  });

  test("can be asked for again only after the countdown, which the card shows", async () => {
    const chat = await atCard();
    await chat.on("card-email").fill(address());
    await chat.on("card-send").click();
    await chat.on("card-resend").waitFor();
    assert.match(await chat.on("card-resend").innerText(), /in \d+ s/);
    await chat.page.close();
  });
});

describe("an address", { skip }, () => {
  test("that is none is said so on the card", async () => {
    const chat = await atCard();
    for (const typed of ["", "ana", "ana@example.com, ben@example.com"]) {
      await chat.on("card-email").fill(typed);
      await chat.on("card-send").click();
      await error(chat, /email address/);
    }
    await chat.page.close();
  });

  test("can be corrected in place", async () => {
    const chat = await atCard();
    const mistyped = address();
    await chat.on("card-email").fill(mistyped);
    await chat.on("card-send").click();
    await chat.on("card-change").click();
    await chat.on("card-email").waitFor();
    assert.equal(await chat.on("card-email").inputValue(), mistyped);
    await chat.page.close();
  });
});

test("a card that is closed lets the conversation go on", { skip }, async () => {
  const chat = await atCard();
  await chat.on("card-cancel").click();
  await chat.inState("unidentified");
  await chat.on("card").waitFor({ state: "hidden" });
  await chat.ask("What is your return policy?");
  await chat.says(/30 days/);
  await chat.page.close();
});

test("a card that was open is open again after a reload", { skip }, async () => {
  const chat = await atCard();
  const to = address();
  await chat.on("card-email").fill(to);
  await chat.on("card-send").click();
  await chat.on("card-code").waitFor();
  const code = await chat.codeFromInbox(to);
  await chat.reload();
  await chat.open();
  await chat.on("card-code").waitFor();
  await chat.on("card-code").fill(code);
  await chat.inState("authenticated");
  await chat.page.close();
});
