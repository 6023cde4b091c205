// The actions editor: an action made from nothing by choosing fields of a sample, verdicts while typing, a test run against the
// company's API, and what is said at a field that is not right.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { startCompany } from "../../demo/company/company.mjs";
import { agent, agentWithActions } from "../rig/agents.mjs";
import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Console } from "../rig/console.mjs";
import { startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const HOME = "/console/agents/ag_new/actions";
const SAMPLE = { success: true, data: { shops: [{ city: "Boulder", street: "1505 Pearl Street" }], note: "Open today" } };

describe("the actions editor", { skip }, () => {
  let company;
  let site;
  let browser;
  let console;

  before(async () => {
    company = await startCompany();
    site = await startSite({ agents: (origins) => [agent("ag_new", { origins }), agentWithActions(company, "ag_full", { origins })] });
    browser = await startBrowser({ viewport: { width: 1280, height: 900 } });
    console = await Console.member(browser, site, { where: HOME });
  });
  after(async () => {
    await browser?.stop();
    await site?.stop();
    await company?.stop();
  });

  const error = (pattern) => console.page.locator(".field .error, .rows .error", { hasText: pattern }).first().waitFor();
  const node = (name) => console.page.getByRole("treeitem", { name });
  const region = (name) => console.page.getByRole("status", { name, exact: true });
  const value = (name) => console.field(name).inputValue();
  const fine = async (what) => {
    for (const colorScheme of ["light", "dark"]) {
      await console.page.emulateMedia({ colorScheme });
      assert.deepEqual(await console.violations(), [], `${what}, ${colorScheme}`);
      await shot(console.page, `console-actions-${what}-${colorScheme}`);
    }
    assert.ok(await console.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} is too wide`);
    await console.page.emulateMedia({ colorScheme: "light" });
  };

  test("begins with what an action is good for, and makes the first", async () => {
    await console.heading("Actions");
    await console.says("The AI cannot do anything yet");
    await fine("empty");
    await console.press("Make the first action");
    await console.page.getByRole("button", { name: /^Public/ }).click();
    await console.heading("new_action");
    assert.equal(await console.page.evaluate(() => location.pathname), `${HOME}/new_action`);
  });

  test("says at the field what is not right, while it is typed", async () => {
    await console.type("Title", "Find a shop");
    await console.type("Name", "Find Shop");
    await error(/small letters, digits and _/);
    await console.type("Name", "find_shop");
    await console.type("Description", "Finds shops in a city. Call it when somebody asks where a shop is.");
    for (const address of ["https://169.254.169.254/latest/meta-data", "https://10.0.0.1/shops", "https://metadata.google.internal/"]) {
      await console.type("Address", address);
      await error(/must name a public host/);
      assert.equal(await console.field("Address").getAttribute("aria-invalid"), "true");
    }
    await console.type("Address", `${company.url}/shops?city=<city>`);
    await error(/<city> is not one of the action's parameters/);
    await console.press("Add a parameter");
    await console.type("Parameter 1", "city");
    await console.type("What it is, for the AI 1", "The city, such as Boulder");
    await until("the address to be right", async () => await console.field("Address").getAttribute("aria-invalid") === null);
  });

  test("gives a verdict on the condition with each letter", async () => {
    await console.type("Sample answer", JSON.stringify(SAMPLE));
    await region("Verdict").getByText("The sample is a success").waitFor();
    await console.type("Success condition", "response.success ==");
    await region("Verdict").getByText(/cannot be read/).waitFor();
    await region("Verdict").getByText(/At character \d+/).waitFor();
    await error(/expression cannot be read/);
    await console.type("Success condition", "response.success == false");
    await region("Verdict").getByText("The sample is a failure").waitFor();
    await console.type("Success condition", "response.nowhere == true");
    await region("Verdict").getByText(/nothing where the expression looks/).waitFor();
    await console.type("Success condition", "response.success == true && status_code == 200");
    await region("Verdict").getByText("The sample is a success").waitFor();
    await console.type("Status of the sample", "500");
    await region("Verdict").getByText("The sample is a failure").waitFor();
    await console.type("Status of the sample", "200");
    await region("Verdict").getByText("The sample is a success").waitFor();
  });

  test("takes fields out of the sample by a click and by the keyboard, and shows what each gives", async () => {
    await node(/^city/).click();
    assert.deepEqual([await value("Field 1"), await value("Taken from 1")], ["city", "data.shops[0].city"]);
    await console.page.locator(".gives", { hasText: "Boulder" }).waitFor();
    // The keyboard alone: to the tree, down to the note, and take it.
    await node(/^response/).focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown"]) await console.page.keyboard.press(key);
    assert.match(await console.page.evaluate(() => document.activeElement.querySelector(".key").textContent), /^note/);
    await console.page.keyboard.press("Enter");
    assert.deepEqual([await value("Field 2"), await value("Taken from 2")], ["note", "data.note"]);
    await console.page.keyboard.press("ArrowDown");
    await console.page.keyboard.press("ArrowLeft");
    assert.equal(await node(/^city/).count(), 0, "the list did not close");
    assert.match(await console.page.evaluate(() => document.activeElement.querySelector(".key")?.textContent ?? document.activeElement.tagName), /^shops/);
    await console.page.keyboard.press("ArrowRight");
    await node(/^city/).waitFor();
    assert.match(await console.page.evaluate(() => document.activeElement.querySelector(".key")?.textContent ?? document.activeElement.tagName), /^shops/);
    // A field that is taken away can be put back.
    await console.press("Remove field 1");
    assert.equal(await value("Field 1"), "note");
    await console.page.locator(".toast").getByRole("button", { name: "Undo" }).first().click();
    assert.equal(await value("Field 1"), "city");
    await console.type("Taken from 2", "data.shops.map(s, s.street)");
    await console.type("Field 2", "streets");
    await console.page.locator(".gives", { hasText: "1505 Pearl Street" }).waitFor();
    await console.type("What went wrong", "response.message");
    await fine("editor");
  });

  test("makes a test run that shows what was sent, what came back, and what the AI would see", async () => {
    company.requests.length = 0;
    await console.type("Value of city", "Boulder");
    await console.press("Run it once");
    await region("Test run").getByText("It succeeded").waitFor();
    assert.deepEqual(company.requests.map(({ method, path }) => `${method} ${path}`), ["GET /shops?city=Boulder"]);
    await region("Test run").getByText(`GET ${company.url}/shops?city=Boulder`).waitFor();
    await region("Test run").getByText("The AI would see").waitFor();
    await console.type("Value of city", "Springfield");
    await console.press("Run it once");
    await region("Test run").getByText("It failed").waitFor();
    await region("Test run").getByText(/We have no shop there/).first().waitFor();
    await console.press("Take this answer as the sample");
    await region("Verdict").getByText("The sample is a failure").waitFor();
    await fine("trial");
  });

  test("saves, and a visitor's AI can call it", async () => {
    await console.press("Save");
    await console.says(/Saved\./);
    await console.visit(`${HOME}/find_shop`);
    await console.heading("Find a shop");
    assert.equal(await value("Taken from 1"), "data.shops[0].city");
    assert.equal(await value("Parameter 1"), "city");
  });

  test("shows no secret that it sets", async () => {
    const secret = `live-${randomBytes(12).toString("base64url")}`;
    await console.press("Add a header");
    await console.type("Header 1", "X-Api-Key");
    await console.type("Value 1", "{{secret.shop_key}}");
    await console.says("Not set yet");
    await console.type("Secret shop_key", secret);
    // Bound to another host it does not go to this one.
    const hosts = "Secret shop_key may be sent to";
    await console.type(hosts, "https://api.example.com");
    await console.press("Set Secret shop_key");
    await error(/A host is its exact name in small letters/);
    await fine("hosts");
    await console.type(hosts, "API.example.com, other.example.com");
    await console.press("Set Secret shop_key");
    await console.says("The secret is sealed. Nobody can read it back.");
    assert.equal(await console.field("Secret shop_key").inputValue(), "");
    await until("the hosts to be shown as they are kept", async () => await value(hosts) === "api.example.com, other.example.com");
    await console.type("Value of city", "Boulder");
    company.requests.length = 0;
    await console.press("Run it once");
    await console.says(/The agent has no secret shop_key that may be sent to this host/);
    assert.equal(company.requests.length, 0);
    // Replaced without a word about hosts it keeps them; without hosts it goes everywhere.
    await console.type("Secret shop_key", secret);
    await console.press("Replace Secret shop_key");
    await until("the secret to be taken", async () => await value("Secret shop_key") === "");
    assert.equal(await value(hosts), "api.example.com, other.example.com");
    await console.type(hosts, "");
    await console.type("Secret shop_key", secret);
    await console.press("Replace Secret shop_key");
    await until("the secret to be taken", async () => await value("Secret shop_key") === "");
    await until("no host to be left", async () => await value(hosts) === "");
    await console.type("Value of city", "Boulder");
    company.requests.length = 0;
    await console.press("Run it once");
    await region("Test run").getByText("It succeeded").waitFor();
    assert.equal(company.requests[0].headers["x-api-key"], secret);
    await region("Test run").getByText("X-Api-Key: [hidden]").waitFor();
    assert.ok(!(await console.page.content()).includes(secret));
    await console.press("Discard");
    await until("the header to be gone", async () => await console.field("Header 1").count() === 0);
  });

  test("of a login suggests the fields that others know, and asks to switch the memory on", async () => {
    await console.visit(HOME);
    await console.press("New action");
    await console.page.getByRole("button", { name: /^Login/ }).click();
    await console.says(/this agent may not keep anything yet/);
    await console.press("Let the agent remember");
    await console.type("Title", "Sign in");
    await console.type("Address", `${company.url}/login`);
    await console.type("Body", "{ \"user\": \"<user_name>\", ");
    await error(/not JSON yet/);
    await console.type("Body", "{ \"user\": \"<user_name>\", \"password\": \"<password>\" }");
    await console.type("Sample answer", JSON.stringify({ success: true, data: { customerId: 42, access_token: "t", mail: "a@example.com" } }));
    await console.press("Take user_id");
    await node(/^customerId/).click();
    assert.deepEqual([await value("Field 1"), await value("Taken from 1")], ["user_id", "data.customerId"]);
    await node(/^access_token/).click();
    assert.deepEqual([await value("Field 2"), await value("Taken from 2")], ["token", "data.access_token"]);
    await console.press("Add a field");
    await console.type("Field 3", "password");
    await console.type("Taken from 3", "data.mail");
    await console.page.locator(".gives", { hasText: /never kept/ }).waitFor();
    await fine("login");
    await console.press("Discard");
    await console.says("There is no such action");
  });

  test("lists what there is; what is removed can be put back, what is copied has a name of its own", async () => {
    await console.visit("/console/agents/ag_full/actions");
    await console.heading("Actions");
    const rows = () => console.page.locator("tbody tr").count();
    await until("the list", async () => await rows() > 5);
    const before = await rows();
    await fine("list");
    const name = await console.page.locator("tbody th a").first().innerText();
    await console.press(`Remove ${name}`);
    await until("one less", async () => await rows() === before - 1);
    await console.page.locator(".toast").getByRole("button", { name: "Undo" }).first().click();
    await until("as before", async () => await rows() === before);
    await console.press(`Duplicate ${name}`);
    await until("one more", async () => await rows() === before + 1);
    await console.press("Discard");
    await console.page.setViewportSize({ width: 1024, height: 700 });
    await console.page.locator("tbody th a").first().click();
    await console.says("Test run");
    await fine("narrow");
    assert.deepEqual(console.failures, []);
  });
});
