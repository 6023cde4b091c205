// What the agent is about to do in the visitor's name: shown with its values, and done after a yes alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Stage, startRememberingSite } from "../rig/played_edge.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const ID = "CCCCCCCCCCCCCCCCCCCCCC";
const PLACE = `f-${ID}`;
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

const confirmation = (step) => ({
  type: "confirm",
  confirm: {
    id: ID,
    title: "Change the delivery address",
    details: [{ label: "Order", value: "NW-1042" }, { label: "Address", value: "<b>12 Long Lane</b>" }],
    step,
  },
});

async function asked() {
  const stage = await Stage.open(browser, site, { state: "authenticated", label: "ana@example.com" });
  await stage.on("composer").focus();
  stage.entry(confirmation("asked"));
  await stage.on(PLACE).waitFor();
  return stage;
}

test("a confirmation shows its values as text and takes the keyboard without a button under it", { skip }, async () => {
  const stage = await asked();
  await stage.focus(PLACE);
  assert.match(await stage.on(PLACE).innerText(), /Change the delivery address[\s\S]*Order\s+NW-1042\s+Address\s+<b>12 Long Lane<\/b>/);
  await stage.chat.page.keyboard.press("Enter");
  assert.deepEqual(stage.sent, []);
  assert.equal(await stage.chat.frame.getByRole("group", { name: "Change the delivery address" }).count(), 1);
  for (const colorScheme of ["light", "dark"]) {
    await stage.chat.page.emulateMedia({ colorScheme });
    assert.deepEqual(await stage.chat.violations(), [], colorScheme);
    await shot(stage.chat.page, `confirm-${colorScheme}`);
  }
  await stage.close();
});

test("yes is sent once, and the settled card keeps its values and has no buttons", { skip }, async () => {
  const stage = await asked();
  await stage.focus(PLACE);
  await stage.chat.page.keyboard.press("Tab");
  await stage.chat.page.keyboard.press("Enter");
  await stage.chat.page.keyboard.press("Enter");
  await until("both buttons to be busy", async () => (await stage.on(PLACE).locator("[aria-disabled=true]").count()) === 2);
  assert.deepEqual(stage.sent, [{ type: "confirm", id: ID, accepted: true }]);
  stage.entry(confirmation("confirmed"));
  await until("the card to settle", async () => /NW-1042[\s\S]*Confirmed/.test(await stage.on(PLACE).innerText()));
  assert.equal(await stage.on(PLACE).locator("button").count(), 0);
  assert.equal(await stage.on(".cs-confirm").count(), 1);
  await stage.focus("composer");
  assert.deepEqual(await stage.chat.violations(), []);
  await stage.close();
});

for (const [step, words] of [["declined", /Not done/], ["withdrawn", /the conversation went on/]]) {
  test(`a confirmation that was ${step} says so`, { skip }, async () => {
    const stage = await asked();
    await stage.on(PLACE).locator(".cs-no").click();
    await until("the answer", () => stage.sent.length > 0);
    assert.deepEqual(stage.sent, [{ type: "confirm", id: ID, accepted: false }]);
    stage.entry(confirmation(step));
    await until("the card to settle", async () => words.test(await stage.on(PLACE).innerText()));
    await stage.close();
  });
}

test("an answer that was refused can be given again", { skip }, async () => {
  const stage = await asked();
  await stage.on(PLACE).locator(".cs-yes").click();
  await until("the answer", () => stage.sent.length === 1);
  stage.live({ type: "refused", code: "too_often", retry_after_s: 3 });
  await until("the buttons to be free", async () => (await stage.on(PLACE).locator("[aria-disabled=true]").count()) === 0);
  await stage.on(PLACE).locator(".cs-yes").click();
  await until("the second answer", () => stage.sent.length === 2);
  stage.live({ type: "refused", code: "card_gone" });
  await until("the note", async () => /question is over/.test(await stage.chat.transcript()));
  await stage.close();
});

test("without a connection a yes is not taken, and the card says so", { skip }, async () => {
  const stage = await asked();
  await stage.chat.page.context().setOffline(true);
  try {
    await stage.chat.frame.evaluate(() => window.dispatchEvent(new Event("offline")));
    await stage.on(PLACE).locator(".cs-yes").click();
    await until("the card to say so", async () => /connection failed/.test(await stage.on(PLACE).innerText()));
    assert.deepEqual(stage.sent, []);
  } finally {
    await stage.chat.page.context().setOffline(false);
  }
  await stage.close();
});

test("what is being carried out is said while it is", { skip }, async () => {
  const stage = await asked();
  stage.live({ type: "progress", doing: { what: "acting", names: ["Look up an order"] } });
  await stage.says("progress", /^Look up an order…$/);
  stage.entry({ type: "interrupted", reason: "out_of_budget" });
  await until("the note", async () => /reached its limit/.test(await stage.chat.transcript()));
  await stage.close();
});
