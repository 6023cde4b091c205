// The card's other ways to sign in: a phone, a record, another window (M2, M3, M4, M6). The edge's part is played.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { CARD, Stage, codeStep, loginCard, refusal, startRememberingSite } from "../rig/played_edge.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const NUMBER = "+44 7700 900123";
const PHONE = { methods: ["phone_code"], forms: [], channels: ["sms", "whatsapp"] };
const LOOKUP = { methods: ["collection_lookup"], forms: [], lookup: { name: "number", label: "Employee number", kind: "text" } };
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

const done = (card) => ({ json: { card: loginCard({ ...card, step: { at: "done" } }) } });
const atStep = (card, step) => ({ json: { card: loginCard({ ...card, step }) } });

async function at(card, options) {
  const stage = await Stage.open(browser, site, options);
  await stage.on("composer").focus();
  await stage.card(card);
  return stage;
}

/** No rule of axe is broken, in light, in dark and on a phone; a picture of each. */
async function looks(stage, name) {
  const { page } = stage.chat;
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await stage.chat.violations(), [], `${name}, ${colorScheme}`);
    await shot(page, `${name}-${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 780 });
  await shot(page, `${name}-390`);
  await page.setViewportSize({ width: 1100, height: 800 });
}

describe("a phone", { skip }, () => {
  test("is asked for by a field that phones fill, and an empty one is said so", async () => {
    const stage = await at(PHONE);
    await stage.focus("card-email");
    const field = stage.on("card-email");
    for (const [name, value] of [["type", "tel"], ["autocomplete", "tel"], ["inputmode", "tel"]]) {
      assert.equal(await field.getAttribute(name), value);
    }
    assert.equal(await stage.chat.frame.getByLabel("Mobile number").getAttribute("id"), "card-email");
    await looks(stage, "phone");
    await field.press("Enter");
    await stage.says("card-error", /one phone number/);
    assert.deepEqual(stage.requests, []);
    await stage.close();
  });

  test("gets a code by text message, and by WhatsApp when the visitor would rather", async () => {
    const stage = await at(PHONE);
    stage.answers["login/start"] = ({ channel = "sms" }) => atStep(PHONE, codeStep("+447700900123", { channel }));
    await stage.on("card-email").fill(NUMBER);
    await stage.on("card-email").press("Enter");
    await stage.focus("card-code");
    assert.deepEqual(await stage.asked("login/start"), { card: CARD, method: "phone_code", address: NUMBER });
    await stage.says("card-sent", /6-digit code to \+447700900123 by text message/);
    await stage.says("card-reference", /message says amber-otter/);
    await looks(stage, "phone-code");
    assert.equal(await stage.on("card-channel").innerText(), "Send it by WhatsApp instead");
    await stage.on("card-channel").click();
    assert.deepEqual(await stage.asked("login/start", 2), { card: CARD, method: "phone_code", address: "+447700900123", channel: "whatsapp" });
    await stage.says("card-sent", /by WhatsApp/);
    await stage.says("card-channel", /by text message instead/);
    stage.answers["login/verify"] = done(PHONE);
    await stage.on("card-code").fill("123 456");
    assert.deepEqual(await stage.asked("login/verify"), { card: CARD, code: "123456" });
    await stage.on("card").waitFor({ state: "hidden" });
    await stage.close();
  });

  test("whose first channel failed is told which one took its place", async () => {
    const stage = await at(PHONE);
    await stage.card({ ...PHONE, step: codeStep("+447700900123", { channel: "sms", instead_of: "whatsapp" }) });
    await stage.says("card-sent", /WhatsApp did not work, so we sent .* by text message/);
    await stage.card({ ...PHONE, step: codeStep("+447700900123", { channel: "sms", delivery: "failed" }) });
    await stage.says("card-error", /message to \+447700900123 could not be sent/);
    await stage.close();
  });

  test("that is refused says what to type, and the number stays; a mistyped one can be corrected", async () => {
    const stage = await at(PHONE);
    stage.answers["login/start"] = refusal(422, "bad_number");
    await stage.on("card-email").fill("12");
    await stage.on("card-send").click();
    await stage.says("card-error", /country code/);
    assert.equal(await stage.on("card-email").inputValue(), "12");
    stage.answers["login/start"] = atStep(PHONE, codeStep("+447700900123", { channel: "sms" }));
    await stage.on("card-send").click();
    await stage.on("card-change").click();
    await stage.focus("card-email");
    assert.equal(await stage.on("card-email").inputValue(), "+447700900123");
    assert.equal(await stage.on("card-email").getAttribute("type"), "tel");
    await stage.close();
  });

  test("of a person who proves again who they are cannot be changed", async () => {
    const stage = await at({ ...PHONE, phone: "+44 •••• ••0123" }, { state: "authenticated", label: "Ana" });
    await stage.focus("card-title");
    await stage.says("card-to", /\+44 •••• ••0123/);
    assert.ok(await stage.on("card-email").isHidden());
    stage.answers["login/start"] = atStep({ ...PHONE, phone: "+44 •••• ••0123" }, codeStep("+44 •••• ••0123", { channel: "sms" }));
    await stage.on("card-send").click();
    assert.equal((await stage.asked("login/start")).address, "+44 •••• ••0123");
    await stage.focus("card-code");
    assert.ok(await stage.on("card-change").isHidden());
    await stage.close();
  });
});

describe("a record", { skip }, () => {
  test("is asked for by the owner's own label, and what is said is the same found or not", async () => {
    const stage = await at(LOOKUP);
    assert.equal(await stage.chat.frame.getByLabel("Employee number").getAttribute("id"), "card-email");
    assert.equal(await stage.on("card-email").getAttribute("type"), "text");
    assert.equal(await stage.on("card-email").getAttribute("autocomplete"), "off");
    await looks(stage, "lookup");
    await stage.on("card-send").click();
    await stage.says("card-error", /Fill in: Employee number/);
    stage.answers["login/start"] = atStep(LOOKUP, codeStep("E-1007", { channel: "on_record" }));
    await stage.on("card-email").fill("E-1007");
    await stage.on("card-email").press("Enter");
    assert.deepEqual(await stage.asked("login/start"), { card: CARD, method: "collection_lookup", address: "E-1007" });
    await stage.says("card-sent", /If E-1007 is on record, a code is on its way/);
    await stage.focus("card-code");
    assert.ok(await stage.on("card-channel").isHidden());
    await looks(stage, "lookup-code");
    await stage.close();
  });

  test("may be proof enough: the card is done without a code", async () => {
    const stage = await at(LOOKUP);
    stage.answers["login/start"] = done(LOOKUP);
    stage.who = { state: "authenticated", label: "E-1007" };
    await stage.on("card-email").fill("E-1007");
    await stage.on("card-email").press("Enter");
    await stage.on("card").waitFor({ state: "hidden" });
    await stage.chat.inState("authenticated");
    await stage.focus("composer");
    await stage.close();
  });
});

test("the first of the methods is shown, the others are buttons in their order, and each has its own field", { skip }, async () => {
  const stage = await at({ ...PHONE, ...LOOKUP, methods: ["phone_code", "login_action", "collection_lookup", "email_code"], forms: loginCard().forms, channels: ["whatsapp"] });
  const others = () => stage.on("card-ways").getByRole("button").allInnerTexts();
  assert.deepEqual(await others(), ["Use your Northwind account", "Use your Employee number", "Use an email code"]);
  await looks(stage, "ways");
  await stage.on("card-email").fill(NUMBER);
  await stage.on("card-ways").getByText("Use your Employee number").click();
  await stage.focus("card-email");
  assert.equal(await stage.on("card-email").inputValue(), "", "what was typed for another way is in the field");
  assert.deepEqual(await others(), ["Use a code to your phone", "Use your Northwind account", "Use an email code"]);
  await stage.on("card-ways").getByText("Use an email code").click();
  assert.equal(await stage.on("card-email").getAttribute("type"), "email");
  assert.equal(await stage.on("card-email").getAttribute("autocomplete"), "email");
  await stage.close();
});
