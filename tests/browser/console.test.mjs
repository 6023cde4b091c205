// The console: from the claim link to a working snippet, deep links, drafts that are not lost, two who edit, signing out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { Console } from "../rig/console.mjs";
import { invitation } from "../rig/members.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const HOME = "/console/agents/ag_northwind";
const ROOMS = [
  ["general", "General"], ["appearance", "Appearance"], ["customer-auth", "Customer auth"], ["actions", "Actions"],
  ["collections", "Collections"], ["integrations", "Integrations"], ["journeys", "Journeys"], ["install", "Install"],
  ["dashboard", "Dashboard"], ["conversations", "Conversations"], ["audit", "Audit"], ["members", "Members"], ["tokens", "API tokens"],
];
const size = { viewport: { width: 1280, height: 800 } };
let site;
/** Where the owner is signed in. */
let browser;

before(async () => {
  if (skip) return;
  site = await startSite();
  browser = await startBrowser(size);
  await (await Console.member(browser, site)).close();
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

test("nobody sees the sign-in, with the card open, at every address", { skip }, async () => {
  const stranger = await startBrowser(size);
  try {
    for (const where of ["/console", `${HOME}/audit`]) {
      const console = await Console.at(stranger, site, where);
      await console.heading("Sign in to the console");
      await console.chat.locator("#card-email").waitFor();
      assert.deepEqual(await console.violations(), []);
      assert.deepEqual(console.failures, []);
      await console.close();
    }
  } finally {
    await stranger.stop();
  }
});

test("a link that is no good makes nobody a member and says what to do", { skip }, async () => {
  const stranger = await startBrowser();
  try {
    const console = await Console.at(stranger, site, "/console/claim#no-such-token");
    await console.heading("You are invited");
    await console.signIn("stranger@example.com");
    await console.press("Accept");
    await console.says(/not good any more/);
    await console.says(/Ask whoever sent it for a new one/);
    assert.equal(await console.page.evaluate(() => location.hash), "");
    await console.page.reload();
    await console.says(/Ask whoever sent it/);
    await console.follow("Open the console");
    await console.says("There is no agent that you may open");
    assert.deepEqual(console.failures, []);
  } finally {
    await stranger.stop();
  }
});

test("a new owner goes from the claim link to a working snippet in at most 12 interactions", { skip }, async () => {
  const own = await startBrowser(size);
  const console = await Console.at(own, site, `/console/claim#${await invitation(site.edge)}`);
  await console.signIn("new-owner@example.com");
  await console.says("new-owner@example.com");
  await console.press("Accept");
  await console.says("Welcome. You are an owner of every agent here.");
  assert.equal(await console.page.evaluate(() => location.pathname + location.hash), "/console");
  await console.press("New agent");
  await console.type("Name", "Harbor Books");
  await console.press("Create");
  await console.heading("Install");
  await console.type("New origin", `${site.shop.origin("shop")}/cart?x=1`);
  await console.press("Add origin");
  await console.press("Save");
  await console.says(/Saved\./);
  await console.page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: site.origin });
  await console.press("Copy the snippet");
  await console.says("Copied.");
  const snippet = await console.page.evaluate(() => navigator.clipboard.readText());
  process.stdout.write(`# ${console.interactions.length} interactions: ${console.interactions.join(", ")}\n`);
  assert.ok(console.interactions.length <= 12, console.interactions.join(", "));
  assert.match(snippet, /<script async src="https:\/\/[^"]+\/embed.js" data-agent="ag_[^"]+"><\/script>/);
  // It works on the page that it was made for.
  site.shop.pages["/new"] = `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1>${snippet}</html>`;
  const chat = await Chat.at(own, site, { where: "/new" });
  await chat.open();
  await chat.frame.getByText("Hi! How can I help?").first().waitFor();
  assert.deepEqual(console.failures, []);
  await own.stop();
});

test("every room has an address that a reload keeps, a title, the focus on its heading, and nothing that axe finds, in light and dark", { skip }, async () => {
  const console = await Console.at(browser, site, HOME);
  await console.heading("General");
  assert.equal(await console.page.evaluate(() => location.pathname), `${HOME}/general`);
  await console.visit(`${HOME}/tokens`);
  for (const [address, name] of ROOMS) {
    await console.link(name).click();
    await console.heading(name);
    assert.equal(await console.page.evaluate(() => location.pathname), `${HOME}/${address}`);
    await until("the focus to be on the heading", () => console.page.evaluate(() => document.activeElement?.tagName === "H1"));
    assert.equal(await console.page.title(), `${name} · Countersign`);
    await console.page.reload();
    await console.heading(name);
    assert.equal(await console.link(name).getAttribute("aria-current"), "page");
    for (const colorScheme of ["light", "dark"]) {
      await console.page.emulateMedia({ colorScheme });
      assert.deepEqual(await console.violations(), [], `${name}, ${colorScheme}`);
    }
  }
  await console.page.setViewportSize({ width: 1024, height: 700 });
  for (const [address, name] of ROOMS) {
    await console.visit(`${HOME}/${address}`);
    await console.heading(name);
    assert.ok(await console.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} at 1024 px`);
  }
  assert.deepEqual(console.failures, []);
  await console.close();
});

test("what is not saved stays from room to room, is asked about at leaving, and can be taken back", { skip }, async () => {
  const console = await Console.at(browser, site, `${HOME}/general`);
  await console.type("Greeting", "Ahoy!");
  await console.says("1 unsaved change");
  await console.link("Appearance").click();
  await console.type("Accent", "#123456");
  await console.says("2 unsaved changes");
  await console.link("General").click();
  assert.equal(await console.field("Greeting").inputValue(), "Ahoy!");
  // A link that leaves the agent asks; so does closing the tab.
  await console.link("All agents").click();
  await console.says("Leave without saving?");
  await console.button("Stay").click();
  assert.equal(await console.page.evaluate(() => location.pathname), `${HOME}/general`);
  const asked = new Promise((resolve) => {
    console.page.once("dialog", async (dialog) => {
      resolve(dialog.type());
      await dialog.dismiss();
    });
  });
  await console.page.evaluate(() => void setTimeout(() => location.reload()));
  assert.equal(await asked, "beforeunload");
  await console.button("Undo").click();
  await console.says("1 unsaved change");
  await console.link("All agents").click();
  await console.button("Discard and leave").click();
  await console.heading("Agents");
  await console.page.locator(`a[href="${HOME}/general"]`).click();
  await console.heading("General");
  assert.notEqual(await console.field("Greeting").inputValue(), "Ahoy!");
  await console.close();
});

test("what is not right is said at its field, and the keyboard saves what is", { skip }, async () => {
  const console = await Console.at(browser, site, `${HOME}/appearance`);
  await console.type("Accent", "green");
  await console.page.keyboard.press("Control+s");
  const field = console.field("Accent");
  await console.page.locator(".field .error", { hasText: "six hexadecimal digits" }).waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await field.fill("#225588");
  assert.equal(await field.getAttribute("aria-invalid"), null);
  await console.page.keyboard.press("Control+s");
  await console.says(/Saved\./);
  await console.page.reload();
  assert.equal(await console.field("Accent").inputValue(), "#225588");
  await console.close();
});

test("of two who edit the second is told, sees what both changed, and loses nothing", { skip }, async () => {
  const first = await Console.at(browser, site, `${HOME}/general`);
  const second = await Console.at(browser, site, `${HOME}/general`);
  await second.type("Greeting", "From the second");
  await second.type("Name", "Northwind Two");
  await first.type("Greeting", "From the first");
  await first.button("Save").click();
  await first.says(/Saved\./);
  await second.button("Save").click();
  await second.says(/Somebody else has saved these settings/);
  await second.button("Load the newest, keep my words").click();
  await second.says("From the first");
  assert.equal(await second.field("Greeting").inputValue(), "From the second");
  assert.equal(await second.field("Name").inputValue(), "Northwind Two");
  await second.button("Take theirs").click();
  assert.equal(await second.field("Greeting").inputValue(), "From the first");
  await second.button("Save").click();
  await second.says(/Saved\./);
  await first.page.reload();
  assert.equal(await first.field("Name").inputValue(), "Northwind Two");
  await first.close();
  await second.close();
});

test("an editor sees texts and looks alone, an analyst the dashboard", { skip }, async () => {
  for (const [role, rooms] of [["editor", ["General", "Appearance", "Customer auth", "Dashboard"]], ["analyst", ["Dashboard"]]]) {
    const own = await startBrowser(size);
    try {
      const console = await Console.member(own, site, { email: `${role}@example.com`, agent: "ag_northwind", role });
      await console.visit(HOME);
      await console.heading(role === "editor" ? "General" : "Dashboard");
      assert.deepEqual(await console.page.locator("nav li a").allInnerTexts(), rooms);
      await console.visit(`${HOME}/members`);
      await console.says("Your role does not open this room.");
      assert.deepEqual(console.failures, []);
    } finally {
      await own.stop();
    }
  }
});

test("nothing of a member stays on the page for who signs in after them", { skip }, async () => {
  const own = await startBrowser(size);
  try {
    const console = await Console.member(own, site, { email: "first@example.com", where: `${HOME}/general` });
    await console.type("Greeting", "A secret plan");
    await console.press("Sign out");
    await console.says("There are changes that are not saved.");
    await console.press("Discard and sign out");
    await console.heading("Sign in to the console");
    await console.signIn("nobody@example.com");
    await console.heading("This agent did not open");
    assert.doesNotMatch(await console.page.content(), /secret plan|Northwind/);
    assert.deepEqual(console.failures, []);
  } finally {
    await own.stop();
  }
});

test("who signs out sees the sign-in, and the pages open nothing any more", { skip }, async () => {
  const own = await startBrowser(size);
  try {
    const console = await Console.member(own, site, { email: "leaver@example.com", where: `${HOME}/general` });
    const other = await Console.at(own, site, `${HOME}/general`);
    await other.type("Greeting", "Still mine");
    await console.press("Sign out");
    await console.heading("Sign in to the console");
    // The other tab is told when it asks for something; what was typed there stays.
    await other.button("Save").click();
    await other.says("Sign in again");
    await other.signIn("leaver@example.com");
    await other.page.getByRole("dialog").waitFor({ state: "hidden" });
    assert.equal(await other.field("Greeting").inputValue(), "Still mine");
    await other.button("Save").click();
    await other.says(/Saved\./);
  } finally {
    await own.stop();
  }
});
