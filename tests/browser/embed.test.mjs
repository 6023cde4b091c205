// The pasted script on host pages of every kind (E2–E5), and a line that breaks (C4, C3).
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { plainPage } from "../rig/shop.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
let site;
let browser;

before(async () => {
  if (skip) return;
  site = await startSite({
    pages: (edge) => ({
      "/twice": plainPage({ edge, times: 2 }),
      "/strict": {
        html: plainPage({ edge }),
        headers: { "content-security-policy": `default-src 'none'; script-src ${edge}; frame-src ${edge}; report-uri /none` },
      },
      "/early": plainPage({ edge }).replace("<h1>", '<script>(window.Countersign = window.Countersign || []).push(["open"]);</script><h1>'),
      "/unknown": plainPage({ edge, agent: "ag_unknown" }),
    }),
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});
afterEach(async () => {
  site?.tls.mend();
  await browser?.context.clearCookies();
});

const launchers = (page) => page.evaluate(() => document.querySelectorAll("countersign-chat").length);

test("pasted twice it shows one launcher and one chat", { skip }, async () => {
  const chat = await Chat.at(browser, site, { where: "/twice" });
  await chat.page.waitForLoadState("networkidle");
  assert.equal(await launchers(chat.page), 1);
  await chat.open();
  assert.equal(chat.page.frames().filter((frame) => frame.url().startsWith(site.origin)).length, 1);
  await chat.page.close();
});

test("the launcher's shadow root is closed to the host page", { skip }, async () => {
  const chat = await Chat.at(browser, site);
  assert.equal(await chat.page.evaluate(() => document.querySelector("countersign-chat").shadowRoot), null);
  await chat.page.close();
});

test("under a strict host CSP it works with script-src and frame-src alone, without a violation", { skip }, async () => {
  const page = await browser.page();
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  const chat = new Chat(page, site);
  await chat.visit({ where: "/strict" });
  await chat.open();
  await chat.ask("What is your return policy?");
  await chat.says(/30 days/);
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(await chat.frame.evaluate(() => window.violations ?? []), []);
  await page.close();
});

test("a call that was queued before the script came is carried out", { skip }, async () => {
  const page = await browser.page();
  const chat = new Chat(page, site);
  await page.goto(`${site.shop.origin()}/early`);
  await chat.opened();
  await page.close();
});

test("what is sent before the program has come is sent once it has", { skip }, async () => {
  const ways = {
    "a press": (chat) => chat.ask("What is your return policy?"),
    "the keyboard": async (chat) => {
      await chat.on("composer").fill("What is your return policy?");
      await chat.on("composer").press("Enter");
    },
    "a suggestion": (chat) => chat.on(".cs-suggest").first().click(),
  };
  for (const [name, say] of Object.entries(ways)) {
    await browser.context.clearCookies();
    const page = await browser.page();
    let come;
    const here = new Promise((resolve) => { come = resolve; });
    await page.route("**/*.wasm", async (route) => {
      await here;
      await route.continue();
    });
    const chat = new Chat(page, site);
    await chat.visit();
    await page.evaluate(() => window.Countersign.open());
    await until("the frame", () => chat.frame);
    await until("the glue", () => chat.frame.evaluate(() => document.body.dataset.passkeys));
    const waiting = () => chat.frame.locator(".cs-field[aria-busy=true], li[aria-busy=true]").count();
    await say(chat);
    assert.equal(await waiting(), 1, `${name}: it is seen to wait`);
    come();
    await until(`an answer after ${name}`, async () => /30 days|order/i.test(await chat.transcript()));
    assert.equal(await waiting(), 0);
    assert.equal(await chat.on("composer").inputValue(), "");
    await page.close();
  }
});

test("a page whose origin is not on the list is refused by the browser", { skip }, async () => {
  for (const name of ["other", "evil"]) {
    const chat = await Chat.at(browser, site, { name });
    const refused = [];
    chat.page.on("console", (message) => refused.push(message.text()));
    await chat.page.evaluate(() => window.Countersign.open());
    await until("the browser's refusal", () => refused.some((text) => /frame-ancestors/.test(text)));
    for (const frame of chat.page.frames().slice(1)) {
      assert.equal(await frame.locator("#composer").count(), 0, "the chat is shown to a page that may not embed it");
    }
    await chat.page.close();
  }
});

test("an agent that does not exist is refused by the browser and leaves the host page alone", { skip }, async () => {
  const chat = await Chat.at(browser, site, { where: "/unknown" });
  const errors = [];
  chat.page.on("pageerror", (error) => errors.push(error.message));
  await chat.page.evaluate(() => window.Countersign.open());
  await until("the frame's answer", () => chat.page.frames().length > 1);
  for (const frame of chat.page.frames().slice(1)) assert.equal(await frame.locator("#composer").count(), 0);
  assert.deepEqual(errors, []);
  assert.equal(await chat.page.locator("h1").innerText(), "A shop");
  await chat.page.close();
});

test("taken out and put back it is one launcher, and the conversation goes on", { skip }, async () => {
  const chat = await Chat.at(browser, site);
  await chat.open();
  await chat.ask("What is your return policy?");
  await chat.says(/30 days/);
  await chat.page.evaluate(() => {
    const node = document.querySelector("countersign-chat");
    node.remove();
    document.body.append(node);
  });
  await chat.launched();
  assert.equal(await launchers(chat.page), 1);
  await chat.open();
  await chat.says(/30 days/);
  await chat.page.close();
});

test("it opens and closes, and the host page is told", { skip }, async () => {
  const chat = await Chat.at(browser, site);
  await chat.open();
  await chat.page.evaluate(() => window.Countersign.close());
  await until("the chat to be closed", async () => !(await visible(chat)));
  await chat.open();
  await chat.on("close").click();
  await until("the chat to be closed by its own button", async () => !(await visible(chat)));
  await chat.page.close();
});

/** Whether the frame takes any room in the host page. */
async function visible(chat) {
  const element = await chat.frame.frameElement();
  return (await element.isVisible());
}

describe("when the line breaks", { skip }, () => {
  test("a message that was written meanwhile is kept, shown as waiting, and sent once when the line is back", async () => {
    const chat = await Chat.at(browser, site);
    await chat.open();
    await chat.ask("How long does shipping take?");
    await chat.says(/3 to 5/);
    site.tls.cut();
    await chat.on("banner").waitFor();
    await chat.ask("What is your return policy?");
    await chat.says(/Waiting for the connection/);
    await chat.ask("Thank you!");
    site.tls.mend();
    await chat.says(/30 days/);
    await chat.on("banner").waitFor({ state: "hidden" });
    await until("nothing to wait any longer", async () => !(await chat.transcript()).includes("Waiting for the connection"));
    await chat.reload();
    await chat.open();
    await chat.says(/Thank you!/);
    const text = await chat.transcript();
    for (const said of [/What is your return policy\?/g, /Thank you!/g]) assert.equal(text.match(said).length, 1, text);
    assert.ok(text.indexOf("return policy?") < text.indexOf("Thank you!"), "the order was lost");
    await chat.page.close();
  });

  test("what was said elsewhere meanwhile is there when the line is back", async () => {
    const chat = await Chat.at(browser, site);
    await chat.open();
    await chat.ask("How long does shipping take?");
    await chat.says(/3 to 5/);
    const other = await Chat.at(browser, site);
    await other.open();
    await other.ask("What is your return policy?");
    await chat.says(/30 days/);
    assert.equal((await chat.transcript()).match(/What is your return policy\?/g).length, 1);
    await chat.page.close();
    await other.page.close();
  });
});
