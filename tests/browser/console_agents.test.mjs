// Agents in the console: a copy, away and back, addresses that lead where they say, the browser's own back button, and nothing
// typed that is lost on the way.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { Console } from "../rig/console.mjs";
import { ownerOf } from "../rig/members.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const HOME = "/console/agents/ag_northwind";
let site;
let browser;
let console;
let owner;

before(async () => {
  if (skip) return;
  site = await startSite({ agents: (origins) => [agent("ag_northwind", { origins }), agent("ag_other", { name: "Harbor Books", origins })] });
  browser = await startBrowser({ viewport: { width: 1280, height: 800 } });
  console = await Console.member(browser, site);
  owner = await ownerOf(site.edge, "second@example.com");
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

const where = () => console.page.evaluate(() => location.pathname + location.search);
const at = (address) => until(`the address ${address}`, async () => await where() === address);
const row = (name) => console.page.getByRole("row", { name });
const back = () => console.page.evaluate(() => history.back());

test("a copy has everything but the name and the id, and what is changed in it changes nothing in the other", { skip }, async () => {
  await console.visit("/console");
  await console.press("Duplicate Northwind Outfitters");
  assert.equal(await console.field("Name").inputValue(), "Northwind Outfitters copy");
  await console.type("Name", "");
  await console.press("Create");
  await console.page.locator("dialog[open] .error").waitFor();
  await console.type("Name", "Northwind Spain");
  await console.press("Create");
  await console.heading("Install");
  const id = (await where()).split("/")[3];
  const [copy, first] = await Promise.all([id, "ag_northwind"].map(async (one) => (await owner.get(`agents/${one}`)).json().settings));
  assert.deepEqual({ ...copy, id: first.id, name: first.name }, first);
  await console.link("General").click();
  await console.type("Greeting", "¡Hola!");
  await console.press("Save");
  await console.says(/Saved\./);
  assert.equal((await owner.get("agents/ag_northwind")).json().settings.greeting, first.greeting);
  assert.deepEqual(console.failures, []);
});

test("an archived agent answers nobody and comes back by one press; each can be taken back", { skip }, async () => {
  const listed = async () => (await owner.get("agents")).json().find(({ id }) => id === "ag_other").archived;
  await console.visit("/console");
  await console.press("Archive Harbor Books");
  await console.says("Archived. It answers nobody any more.");
  assert.equal(await listed(), true);
  await row(/Harbor Books/).getByText("Archived").waitFor();
  await console.visit("/console/agents/ag_other/general");
  await console.heading("General");
  await console.page.locator("nav").getByText("Archived").waitFor();
  await console.visit("/console");
  await console.press("Restore Harbor Books");
  await console.says("Restored. It answers again.");
  assert.equal(await listed(), false);
  // What was just done is taken back, and that too.
  await console.page.locator(".toast", { hasText: "Restored" }).getByRole("button", { name: "Undo" }).click();
  await until("it to be archived", listed);
  await console.page.locator(".toast", { hasText: "Archived." }).getByRole("button", { name: "Undo" }).click();
  await until("it to be back", async () => !await listed());
  await row(/Harbor Books/).getByText("Answers").waitFor();
  assert.deepEqual(console.failures, []);
});

test("an address leads where it says, from anywhere, and a reload keeps it", { skip }, async () => {
  const addresses = [
    ["/customer-auth", "Customer auth"], ["/collections/orders", /orders/i], ["/collections/orders/fields", /./], ["/collections/orders/import", /Import/],
    ["/conversations?state=pending", "Conversations"], ["/audit?kind=login_succeeded", "Audit"], ["/actions/none", /./],
  ];
  for (const [address, heading] of addresses) {
    await console.visit(HOME + address);
    await console.heading(heading);
    await console.page.reload();
    await console.heading(heading);
    assert.equal(await where(), HOME + address);
  }
  assert.equal(await console.field("State").count(), 0);
  await console.visit(`${HOME}/conversations?state=pending`);
  assert.equal(await console.field("State").inputValue(), "pending");
  await console.visit(HOME);
  await at(`${HOME}/general`);
  assert.deepEqual(console.failures, []);
});

test("the back button goes back page by page, and what was typed is still there", { skip }, async () => {
  await console.visit("/console");
  await row(/Northwind Outfitters/).getByRole("link").click();
  await console.heading("General");
  await console.link("Appearance").click();
  await console.heading("Appearance");
  await console.type("Accent", "#123456");
  await console.link("Collections").click();
  await console.heading("Collections");
  await back();
  await console.heading("Appearance");
  assert.equal(await console.field("Accent").inputValue(), "#123456");
  await back();
  await console.heading("General");
  await console.says("1 unsaved change");
  await back();
  await console.heading("Agents");
  await console.page.evaluate(() => history.forward());
  await console.heading("General");
  await console.says("1 unsaved change");
  await console.press("Discard");
  await console.link("Appearance").click();
  assert.notEqual(await console.field("Accent").inputValue(), "#123456");
  assert.deepEqual(console.failures, []);
});

test("a form that keeps its own draft asks before the back button, a link or the closing of the tab takes it away", { skip }, async () => {
  await console.visit(`${HOME}/collections`);
  await console.page.locator("tbody").getByRole("link", { name: "orders" }).click();
  await console.link("Fields").click();
  await at(`${HOME}/collections/orders/fields`);
  const title = console.page.locator("main input[type=text]").first();
  await title.fill("Orders of the year");
  await back();
  await console.says("Leave without saving?");
  await console.press("Stay");
  assert.equal(await where(), `${HOME}/collections/orders/fields`);
  assert.equal(await title.inputValue(), "Orders of the year");
  await console.link("General").click();
  await console.says("Leave without saving?");
  await console.press("Stay");
  const asked = new Promise((resolve) => {
    console.page.once("dialog", async (dialog) => {
      resolve(dialog.type());
      await dialog.dismiss();
    });
  });
  await console.page.evaluate(() => void setTimeout(() => location.reload()));
  assert.equal(await asked, "beforeunload");
  await back();
  await console.press("Discard and leave");
  await at(`${HOME}/collections/orders`);
  await back();
  await at(`${HOME}/collections/orders/fields`);
  assert.notEqual(await title.inputValue(), "Orders of the year");
  assert.deepEqual(console.failures, []);
});

test("where the chat is loaded shows; a site that is refused is let in by one press and a save", { skip }, async () => {
  await console.visit(`${HOME}/install`);
  await console.says("No page has loaded the chat yet");
  assert.deepEqual(await console.violations(), []);
  const chat = await Chat.at(browser, site);
  await chat.open();
  await console.press("Look again");
  await console.says(`Last loaded just now on ${site.shop.origin("shop")}`);
  const other = await Chat.at(browser, site, { name: "other" });
  await other.page.evaluate(() => window.Countersign.open());
  const refused = site.shop.origin("other");
  await until("the other site to be seen", async () => {
    await console.press("Look again");
    return await row(refused).count() === 1;
  });
  await row(refused).getByText("Refused: add to allowed origins").waitFor();
  for (const colorScheme of ["light", "dark"]) {
    await console.page.emulateMedia({ colorScheme });
    assert.deepEqual(await console.violations(), [], colorScheme);
  }
  await console.press(`Allow ${refused}`);
  await console.says("It is on the list above. Save to let it in.");
  await row(refused).getByText("Refused, on the list since").waitFor();
  await console.press("Save");
  await console.says(/Saved\./);
  // An isolate reads settings anew within seconds.
  await until("the other site to show the chat", async () => {
    await other.reload();
    await other.open();
    return true;
  }, 60_000);
  await console.press("Look again");
  await row(refused).getByText("Loaded", { exact: true }).waitFor();
  await chat.page.close();
  await other.page.close();
  assert.deepEqual(console.failures, []);
});
