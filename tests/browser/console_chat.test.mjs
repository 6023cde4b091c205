// The test chat in the console: the agent as it stands in the fields, beside them, for this member alone; and the model's check.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent, modelAt } from "../rig/agents.mjs";
import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Console } from "../rig/console.mjs";
import { codeIn } from "../rig/inbox.mjs";
import { says, startOpenAi } from "../rig/players/openai.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const HOME = "/console/agents/ag_northwind";

describe("the test chat", { skip }, () => {
  let player;
  let site;
  let browser;
  let console;

  before(async () => {
    player = await startOpenAi({ script: () => says("I am here.") });
    site = await startSite({ agents: (origins) => [agent("ag_northwind", { origins })], model: player });
    browser = await startBrowser({ viewport: { width: 1280, height: 860 } });
    console = await Console.member(browser, site, { where: `${HOME}/general` });
    await console.heading("General");
  });
  after(async () => {
    await browser?.stop();
    await site?.stop();
    await player?.stop();
  });

  const panel = () => console.page.getByRole("dialog", { name: "Test chat" });
  const chat = () => console.page.frameLocator('iframe[title="Test chat"]');
  const inFrame = () => console.page.frames().find((frame) => frame.url().includes("-test-"));
  const focus = () => console.page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName);
  const fine = async (what) => {
    for (const colorScheme of ["light", "dark"]) {
      await console.page.emulateMedia({ colorScheme });
      assert.deepEqual(await console.violations(), [], `${what}, ${colorScheme}`);
      await shot(console.page, `test-chat-${what}-${colorScheme}`);
    }
    await console.page.setViewportSize({ width: 1024, height: 700 });
    assert.ok(await console.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} at 1024 px`);
    await shot(console.page, `test-chat-${what}-1024`);
    await console.page.setViewportSize({ width: 1280, height: 860 });
    await console.page.emulateMedia({ colorScheme: "light" });
  };

  test("says what stands in the fields, and visitors hear nothing of it", async () => {
    await console.type("Greeting", "Ahoy from the draft!");
    await console.type("Knowledge", "The draft shop opens at nine on Sundays.");
    await console.press("Test chat");
    await chat().getByText("Ahoy from the draft!").waitFor();
    await until("the keyboard to be in the chat", () => inFrame().evaluate(() => document.hasFocus() && document.activeElement?.id === "composer"));
    await console.page.keyboard.type("When does the shop open on Sundays?");
    await console.page.keyboard.press("Enter");
    await chat().locator(".cs-answer").getByText(/nine/).waitFor();
    await fine("general");
    const visitor = await Chat.at(browser, site);
    await visitor.open();
    await visitor.frame.getByText("Hello! How can I help?").first().waitFor();
    assert.ok(!(await visitor.frame.content()).includes("Ahoy"));
    await visitor.page.close();
    assert.deepEqual(console.failures, []);
  });

  test("says when it is older than the fields, and starts over with them, from any room", async () => {
    assert.equal(await panel().getByText(/Settings changed since/).count(), 0);
    await console.link("Customer auth").click();
    await console.heading("Customer auth");
    assert.equal(await chat().getByText("Ahoy from the draft!").count(), 1, "the chat goes on");
    await console.type("Title", "Sign in to the draft");
    await panel().getByText(/Settings changed since/).waitFor();
    await fine("changed");
    await console.press("Start over with them");
    await until("the note to be gone", async () => await panel().getByText(/Settings changed since/).count() === 0);
    await chat().locator("#composer").fill("Where is my order?");
    await chat().locator("#send").click();
    await chat().getByText("Sign in to the draft").waitFor();
  });

  test("signs in with a real code, and leaves no cookie behind", async () => {
    const before = (await console.page.context().cookies()).map(({ name }) => name).sort();
    await chat().locator("#card-email").fill("ana@example.com");
    await chat().locator("#card-send").click();
    await chat().locator("#card-code").waitFor();
    const [mail] = await until("the mail", async () => {
      const mails = await site.edge.mailbox.to("ana@example.com");
      return mails.length > 0 && mails;
    });
    await chat().locator("#card-code").fill(codeIn(mail.text));
    await chat().locator('#state[data-state="authenticated"]').waitFor();
    await chat().locator(".cs-answer").getByText(/NW-1003/).first().waitFor();
    assert.deepEqual((await console.page.context().cookies()).map(({ name }) => name).sort(), before);
    const visitor = await Chat.at(browser, site);
    await visitor.open();
    await visitor.inState("unidentified");
    await visitor.page.close();
  });

  test("is closed by Escape in it and beside it, gives the keyboard back, and goes on when it is opened again", async () => {
    await chat().locator("#composer").focus();
    await console.page.keyboard.press("Escape");
    await panel().waitFor({ state: "hidden" });
    assert.equal(await focus(), "test-chat-opener");
    await console.page.keyboard.press("Enter");
    await panel().waitFor();
    await until("the keyboard to be in the chat", async () => await focus() === "IFRAME");
    assert.equal(await chat().locator('#state[data-state="authenticated"]').count(), 1);
    await console.button("Close the test chat").focus();
    await console.page.keyboard.press("Escape");
    await panel().waitFor({ state: "hidden" });
    assert.equal(await focus(), "test-chat-opener");
  });

  test("does not begin with settings that could not be saved, and points at them", async () => {
    await console.type("Title", "");
    await console.press("Test chat");
    await panel().getByRole("button", { name: "Start over", exact: true }).click();
    await panel().getByText("This must not be empty.").waitFor();
    await console.page.locator(".field.wrong", { hasText: "Title" }).first().waitFor();
    await fine("refused");
    await console.press("Close the test chat");
    await console.press("Discard");
    await console.link("Conversations").click();
    await console.heading("Conversations");
    assert.equal(await console.button("Test chat").count(), 0, "there is nothing to try here");
    await console.page.getByRole("row", { name: /Test/ }).first().waitFor();
  });

  test("the model's check answers, fails in words that help, and forgets when something else is chosen", async () => {
    await console.link("General").click();
    await console.heading("General");
    await console.press("Check the model");
    await console.says(/It answered in \d+ ms/);
    await console.page.getByLabel("Provider").selectOption("open_ai");
    await until("the answer to be gone", async () => await console.page.getByText(/It answered in/).count() === 0);
    await console.press("Check the model");
    await console.says("Say which model.");
    await console.page.locator("#model").getByLabel("Address").fill(modelAt(player).base_url);
    await console.page.locator("#model").getByLabel("Model", { exact: true }).fill("test-model");
    await console.press("Check the model");
    await console.says(/It answered in \d+ ms: “I am here\.”/);
    await console.type("API key", "sk-a-key-that-is-over");
    await console.press("Set API key");
    await console.says(/Set on .*not shown again/);
    assert.equal(await console.field("API key").inputValue(), "");
    await console.press("Check the model");
    await console.says(/The provider refused the key/);
    await fine("model-refused");
    player.script = () => says("With the new key.");
    await console.type("API key", player.key);
    await console.press("Replace API key");
    await until("the key to be taken", async () => await console.field("API key").inputValue() === "");
    await console.press("Check the model");
    await console.says(/With the new key/);
    assert.ok(!(await console.page.content()).includes(player.key));
    await fine("model");
    await console.press("Discard");
    assert.deepEqual(console.failures, []);
  });
});
