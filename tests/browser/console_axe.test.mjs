// Every address of the console, empty and filled, and every dialog: nothing that axe finds, in light and dark, and nothing that is
// wider than 1024 px. An address that the router knows and this list does not fails it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { startCompany } from "../../demo/company/company.mjs";
import { agent, agentWithActions } from "../rig/agents.mjs";
import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { Visitor } from "../rig/client.mjs";
import { Console } from "../rig/console.mjs";
import { begin, importAll, sendPart } from "../rig/imports.mjs";
import { ownerOf } from "../rig/members.mjs";
import { root } from "../rig/paths.mjs";
import { startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const FULL = "/console/agents/ag_full";
const NEW = "/console/agents/ag_new";
const source = (file) => readFileSync(path.join(root, "console", "src", ...file.split("/")), "utf8");

/** What of the router's addresses stands for which pages below. */
const ROUTES = { "/console": "agents", "/console/claim": "claim", "/console/audit": "the console's own audit", "/console/agents/:agent/*room": "rooms" };
/** The pages of each room after its own, and what they are called. */
const PAGES = {
  general: ["General"], appearance: ["Appearance"], "customer-auth": ["Customer auth"], actions: ["Actions", ["track_order", /./], ["nothing", /./]],
  collections: ["Collections", ["orders", /orders/i], ["orders/fields", /./], ["orders/import", /Import/], ["orders/x/y", /nothing here/]],
  integrations: ["Integrations"], journeys: ["Journeys"], install: ["Install"], dashboard: ["Dashboard"],
  conversations: ["Conversations"], audit: ["Audit"], members: ["Members"], tokens: ["API tokens"],
};

describe("the console", { skip }, () => {
  let company;
  let site;
  let browser;
  let console;
  let owner;
  let conversation;

  before(async () => {
    company = await startCompany();
    site = await startSite({
      agents: (origins) => [agent("ag_new", { name: "New agent", origins: [], suggested: [], auth: { enabled: false, autofetch: [] } }), agentWithActions(company, "ag_full", { origins })],
    });
    browser = await startBrowser({ viewport: { width: 1024, height: 768 } });
    console = await Console.member(browser, site);
    owner = await ownerOf(site.edge, "second@example.com");
    const visitor = new Visitor(site.edge, { agent: "ag_full" });
    const { line } = await visitor.signIn("ana@example.com");
    await line.say("Where is my order?");
    conversation = visitor.conversation;
    await owner.post("agents/ag_full/members", { email: "ben@example.com", role: "editor" });
    await owner.post("agents/ag_full/tokens", { name: "Nightly export", scopes: ["audit:read"], days: 30 });
  });
  after(async () => {
    await browser?.stop();
    await site?.stop();
    await company?.stop();
  });

  /** Insists that what is open is sound. */
  async function sound(what) {
    for (const colorScheme of ["light", "dark"]) {
      await console.page.emulateMedia({ colorScheme });
      assert.deepEqual(await console.violations(), [], `${what}, ${colorScheme}`);
    }
    const wide = await console.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${what} is ${wide} px too wide`);
    assert.deepEqual(console.failures, [], what);
  }

  /** Opens an address and waits until nothing is being read any more. */
  async function open(where, heading) {
    await console.visit(where);
    await console.heading(heading);
    await until(`${where} to be read`, async () => await console.page.locator(".waiting").count() === 0);
  }

  /** Opens a dialog by a button, looks at it, and sees the focus come back when Escape closes it. */
  async function dialog(button, title) {
    await button.click();
    await console.page.getByRole("dialog", { name: title }).waitFor();
    assert.ok(await console.page.evaluate(() => document.activeElement.closest("dialog") !== null), `the focus is not in ${title}`);
    await sound(`dialog ${title}`);
    await console.page.keyboard.press("Escape");
    await console.page.getByRole("dialog", { name: title }).waitFor({ state: "hidden" });
    await until(`the focus to come back from ${title}`, () => console.page.evaluate(() => document.activeElement.matches("button, a")));
  }

  test("has no address that is not looked at here", () => {
    const routes = [...source("app.rs").matchAll(/path!\("([^"]+)"\)/g)].map((found) => found[1]);
    assert.deepEqual(routes.sort(), Object.keys(ROUTES).sort());
    const rooms = [...source("pages/agent.rs").matchAll(/^ {4}\("([a-z-]+)", "[^"]+", Role::/gm)].map((found) => found[1]);
    assert.deepEqual(rooms.sort(), Object.keys(PAGES).sort());
    const inside = [...source("pages/collections/mod.rs").matchAll(/\[name, "([a-z]+)"\]/g)].map((found) => found[1]);
    assert.deepEqual(inside, ["fields", "import"]);
  });

  test("is sound where nobody is signed in, and at an address that is none", async () => {
    const stranger = await startBrowser({ viewport: { width: 1024, height: 768 } });
    const own = console;
    try {
      console = await Console.at(stranger, site, "/console");
      await console.heading("Sign in to the console");
      await console.chat.locator("#card-email").waitFor();
      await sound("sign-in");
      await console.visit("/console/claim#none");
      await console.heading("You are invited");
      await sound("claim, signed out");
    } finally {
      console = own;
      await stranger.stop();
    }
    await open("/console/nowhere", /./);
    await sound("no such page");
    await open("/console/agents/nonsense/general", /./);
    await sound("no such agent");
    await open("/console/agents/ag_nobody/general", /did not open/);
    await sound("an agent that does not open");
    await open(`${FULL}/nowhere`, /nothing here/);
    await sound("no such room");
  });

  test("is sound on the list of agents and at the claim, with their dialogs", async () => {
    await open("/console", "Agents");
    await sound("agents");
    await dialog(console.button("New agent"), "New agent");
    await console.page.getByRole("link", { name: "Audit of the console" }).click();
    await console.heading("Audit of the console");
    await console.page.getByRole("row", { name: /Member joined/ }).first().waitFor();
    await sound("the console's own audit");
    await open("/console", "Agents");
    await dialog(console.button("Duplicate New agent"), "Duplicate New agent");
    await open("/console/claim#none", "Become a member");
    await sound("claim");
    await console.press("Accept");
    await console.says(/Ask whoever sent it/);
    await sound("claim, refused");
  });

  for (const [room, [title, ...pages]] of Object.entries(PAGES)) {
    test(`is sound in the room ${room}, empty and filled`, async () => {
      await open(`${NEW}/${room}`, title);
      await sound(`${room}, empty`);
      for (const [rest, heading] of [["", title], ...pages]) {
        await open(`${FULL}/${room}${rest && `/${rest}`}`, heading);
        await sound(`${room}/${rest}`);
      }
    });
  }

  test("is sound on each tab", async () => {
    let seen = 0;
    for (const room of Object.keys(PAGES)) {
      await open(`${FULL}/${room}`, PAGES[room][0]);
      const tabs = console.page.getByRole("tab");
      for (let n = 0; n < await tabs.count(); n += 1) {
        await tabs.nth(n).click();
        seen += 1;
        await sound(`${room}, tab ${n + 1}`);
      }
      const closed = console.page.locator("main details:not([open]) > summary");
      for (let n = await closed.count(); n > 0; n -= 1) await closed.first().click();
      await sound(`${room}, everything opened`);
    }
    assert.ok(seen >= 3, `${seen} tabs`);
  });

  test("is sound in a conversation, and while something is wrong with what is typed", async () => {
    await open(`${FULL}/conversations/${conversation}`, "Conversation");
    await sound("conversation");
    await open(`${FULL}/appearance`, "Appearance");
    await console.type("Accent", "green");
    await console.press("Save");
    await console.page.locator(".field .error", { hasText: "six hexadecimal digits" }).waitFor();
    await sound("a field that is wrong");
    await console.press("Discard");
  });

  test("is sound in every dialog of the rooms", async () => {
    await open(`${FULL}/tokens`, "API tokens");
    await dialog(console.button("Make a token").first(), "Make a token");
    await dialog(console.button("Revoke Nightly export"), "Revoke this token?");
    await open(`${FULL}/collections`, "Collections");
    await dialog(console.button("New collection"), "New collection");
    await open(`${FULL}/collections/orders`, /orders/i);
    await dialog(console.button("Add a record"), "A new record");
    await dialog(console.button("Remove this collection"), "Remove this collection?");
    await open(`${FULL}/general`, "General");
    await console.type("Greeting", "Ahoy!");
    await sound("unsaved changes");
    await dialog(console.link("All agents"), "Leave without saving?");
    await console.press("Sign out");
    await console.says("There are changes that are not saved.");
    await sound("words at signing out");
    await console.press("Discard");
  });

  test("is sound on every step of an import", async () => {
    const made = await owner.post("agents/ag_full/collections", { name: "staff", fields: [{ name: "number", type: "text", unique: true }, { name: "email", type: "email" }] });
    assert.equal(made.status, 201, made.text);
    const file = Buffer.from("number,email\n1,a@example.com\n2,not one\n");
    const half = await begin(owner, "staff", file, { agent: "ag_full" });
    assert.equal((await sendPart(owner, half, file.subarray(0, 20), 0)).status, 200);
    await open(`${FULL}/collections/staff/import`, /Import/);
    await console.says(/is open/);
    await sound("import, open");
    await console.press("Drop this import");
    const chosen = { name: "staff.csv", mimeType: "text/csv", buffer: file };
    await until("the import to be dropped", async () => (await owner.get("agents/ag_full/collections/staff/imports")).json().length === 0);
    await console.page.setInputFiles("input[type=file]", chosen);
    await console.says("Which column fills which field");
    await sound("import, columns");
    await console.press("Read the file");
    await console.says("The file is read");
    await sound("import, errors");
    await console.press("Leave these lines out and put the rest in place");
    await console.says("1 records are in place.");
    await sound("import, done");
    await importAll(owner, "staff", "number\n1\n", { agent: "ag_full" });
  });
});
