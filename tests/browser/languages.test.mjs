// Texts by language from the marketer's fields to the visitor's chat: seen in the preview before they are saved, and by nobody else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Console } from "../rig/console.mjs";
import { ownerOf } from "../rig/members.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const TITLE = "Wer fragt?";
let site;
let browser;
let owner;

before(async () => {
  if (skip) return;
  site = await startSite({ agents: (origins) => [agent("ag_northwind", { origins, auth: { title: "Who is asking?", subtitle: "One moment" } })] });
  browser = await startBrowser({ viewport: { width: 1360, height: 900 } });
  owner = await ownerOf(site.edge);
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

/** A visitor whose browser asks for these languages, with the card open; the browser ends with the test. */
async function visitorWho(t, languages) {
  const own = await startBrowser({ languages });
  t.after(() => own.stop());
  const chat = await Chat.at(own, site);
  await chat.open();
  await chat.ask("Where is my order?");
  await chat.on("card").waitFor();
  return chat;
}

const languageOf = (element) => element.evaluate((one) => one.closest("[lang]").lang);
const settings = async () => (await owner.get("agents/ag_northwind")).json().settings;

test("a marketer adds German, and a German visitor reads it", { skip }, async (t) => {
  const console = await Console.member(browser, site, { email: "marketer@example.com", agent: "ag_northwind", role: "editor", where: "/console/agents/ag_northwind/customer-auth" });
  await console.heading("Customer auth");
  const { page } = console;
  const preview = page.frameLocator("iframe[title='Preview of the chat']");
  await preview.locator("#card-title").waitFor();
  await page.getByLabel("Another language").focus();
  await page.keyboard.type("German");
  await console.button("Add the language").press("Enter");
  await until("the German texts", async () => (await page.getByLabel("Texts in").inputValue()) === "de");
  assert.equal(await console.field("Title").getAttribute("placeholder"), "Who is asking?");
  await until("the chat's own words in German", async () => (await preview.locator("#card-send").textContent().catch(() => "")) === "Code senden");
  await until("the default's title in it", async () => (await preview.locator("#card-title").innerText()) === "Who is asking?");
  await console.type("Title", TITLE);
  await console.type("Subtitle", "Nur einen Moment");
  await until("the title in the preview", async () => (await preview.locator("#card-title").innerText()) === TITLE);
  assert.equal(await languageOf(preview.locator("#card-title")), "de");
  assert.deepEqual((await settings()).languages, {});
  assert.deepEqual(await console.violations(), []);
  await shot(page, "languages-customer-auth");
  await console.press("Save");
  await until("the saved texts", async () => (await settings()).languages.de?.customer_auth.title === TITLE);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.deepEqual(await console.violations(), []);
  await page.goto(`${site.origin}/console/agents/ag_northwind/general`);
  await console.heading("General");
  await page.getByLabel("Texts in").selectOption("de");
  await until("the default's name in grey", async () => (await console.field("Name").getAttribute("placeholder")) === "Northwind Outfitters");
  assert.deepEqual(await console.violations(), []);
  await shot(page, "languages-general");
  assert.deepEqual(console.failures, []);
  await console.close();

  const german = await visitorWho(t, "de-AT,de,en");
  await until("the German page", async () => (await german.on("card-title").innerText()) === TITLE);
  assert.equal(await german.on("card-subtitle").innerText(), "Nur einen Moment");
  assert.equal(await languageOf(german.on("card-title")), "de");
  assert.equal(await german.on("card-send").innerText(), "Code senden");
  await shot(german.page, "languages-visitor-de");
});

test("a visitor who reads another language gets the default, marked as what it is, in a chat of their own language", { skip }, async (t) => {
  const french = await visitorWho(t, "fr");
  assert.equal(await french.on("card-title").innerText(), "Who is asking?");
  assert.equal(await languageOf(french.on("card-title")), "en");
  assert.equal(await french.on("card-send").innerText(), "Envoyer le code");
  assert.equal(await languageOf(french.on("card-send")), "fr");
  await shot(french.page, "languages-visitor-fr");
});

test("a chat in Arabic runs from right to left, the owner's English in it from left to right", { skip }, async (t) => {
  const arabic = await visitorWho(t, "ar");
  const direction = (id) => arabic.on(id).evaluate((element) => getComputedStyle(element).direction);
  assert.deepEqual([await direction("composer"), await direction("card-title"), await direction("card-send")], ["rtl", "ltr", "rtl"]);
  await arabic.on("card-email").fill("ana@example.com");
  await arabic.on("card-send").click();
  await arabic.on("card-code").waitFor();
  assert.equal(await direction("card-code"), "ltr");
  await shot(arabic.page, "languages-visitor-ar");
});

test("a language is taken away and put back", { skip }, async () => {
  const { version } = (await owner.get("agents/ag_northwind")).json();
  await owner.patch("agents/ag_northwind", { languages: { de: { greeting: "Hallo!" } } }, version);
  await browser.context.clearCookies();
  const console = await Console.at(browser, site);
  await browser.context.addCookies([...owner.visitor.cookies].map(([name, value]) => ({ name, value, url: site.origin, secure: true, sameSite: "None" })));
  await console.visit("/console/agents/ag_northwind/general");
  await console.heading("General");
  await console.page.getByLabel("Texts in").selectOption("de");
  await console.press("Remove German");
  await until("the default", async () => (await console.page.getByLabel("Texts in").inputValue()) === "");
  await console.page.locator(".toasts").getByRole("button", { name: "Undo" }).click();
  await until("the German texts", async () => (await console.page.getByLabel("Texts in").inputValue()) === "de");
  await console.press("Remove German");
  await console.press("Save");
  await until("the saved texts", async () => Object.keys((await settings()).languages).length === 0);
  await console.close();
});
