// The main job, end to end, on two sites: question, card, code from the inbox, own orders, reload, sign-out, asked again.
// Once with third-party cookies blocked and once with them allowed (R20, E1, E9).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Chat, startSite } from "../rig/site.mjs";

const skip = noBrowser();

for (const thirdPartyCookies of ["blocked", "allowed"]) {
  describe(`with third-party cookies ${thirdPartyCookies}`, { skip }, () => {
    let site;
    let browser;

    before(async () => {
      site = await startSite();
      browser = await startBrowser({ thirdPartyCookies });
    });
    after(async () => {
      await browser?.stop();
      await site?.stop();
    });

    test("before the chat is opened nothing is stored and nothing of it is asked for", async () => {
      const page = await browser.page();
      const asked = [];
      page.on("request", (request) => asked.push(request.url()));
      const chat = new Chat(page, site);
      await chat.visit();
      await page.waitForLoadState("networkidle");
      const edges = asked.filter((url) => url.startsWith(site.origin)).map((url) => new URL(url).pathname);
      assert.ok(edges.includes("/embed.js"));
      assert.deepEqual(edges.filter((path) => path.startsWith("/frame") || path.startsWith("/api")), []);
      assert.deepEqual(await browser.context.cookies(), []);
      assert.deepEqual(await page.evaluate(async () => [localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length, (await caches.keys()).length]), [0, 0, "", 0, 0]);
      await page.close();
    });

    test("a visitor asks, signs in, reads their own orders, reloads, signs out and is asked again", async () => {
      const chat = await Chat.at(browser, site, { where: "/demo/" });
      await shot(chat.page, `shop-${thirdPartyCookies}`);
      const { width, height } = chat.page.viewportSize();
      await chat.page.mouse.click(width - 44, height - 44);
      await chat.opened();

      await chat.ask("Where is my order?");
      await chat.on("card").waitFor();
      await chat.inState("pending");
      await shot(chat.page, `card-address-${thirdPartyCookies}`);
      await chat.signIn("ana@example.com", { picture: `card-code-${thirdPartyCookies}` });

      await chat.says(/NW-100[123]/);
      const own = await chat.transcript();
      assert.ok(!own.includes("NW-2001"), "another customer's order");
      assert.match(own, /Loaded your 3 recent orders/);
      assert.equal(own.match(/Where is my order\?/g).length, 1, "the question had to be asked again");
      await shot(chat.page, `answered-${thirdPartyCookies}`);

      await chat.reload();
      await chat.open();
      await chat.inState("authenticated");
      await chat.says(/NW-100[123]/);
      await chat.ask("Where is my order?");
      await chat.says(/Where is my order\?[\s\S]*Where is my order\?[\s\S]*NW-100/);
      assert.ok(await chat.on("card").isHidden(), "a signed-in visitor was shown a card");

      await chat.signOut();
      assert.ok(!(await chat.transcript()).includes("NW-"), "orders are still shown after the sign-out");
      await chat.ask("Where is my order?");
      await chat.on("card").waitFor();
      await chat.inState("pending");
      await chat.reload();
      await chat.open();
      assert.ok(!(await chat.transcript()).includes("NW-"));
      await chat.page.close();
    });

    test("a second tab is signed in with the first", async () => {
      const first = await Chat.at(browser, site);
      await first.open();
      await first.ask("Where is my order?");
      await first.on("card").waitFor();
      const second = await Chat.at(browser, site);
      await second.open();
      await second.on("card").waitFor();
      await first.page.bringToFront();
      await first.signIn("cleo@example.com");
      await second.inState("authenticated");
      await first.page.close();
      await second.page.close();
    });

    test("the session of one shop is unseen in another", async () => {
      const a = await Chat.at(browser, site, { name: "shop-a" });
      await a.open();
      await a.ask("Where is my order?");
      await a.on("card").waitFor();
      await a.signIn("ben@example.com");
      await a.says(/NW-2001/);
      const b = await Chat.at(browser, site, { name: "shop-b" });
      await b.open();
      await b.inState("unidentified");
      assert.ok(!(await b.transcript()).includes("NW-2001"));
      await a.reload();
      await a.open();
      await a.inState("authenticated");
      await a.page.close();
      await b.page.close();
    });

    test("no token is where a script of the host page or an address could show it", async () => {
      const page = await browser.page();
      const seen = [];
      page.on("request", (request) => seen.push(request.url()));
      await page.addInitScript(() => {
        window.heard = [];
        window.addEventListener("message", (event) => window.heard.push(JSON.stringify(event.data)));
      });
      const chat = new Chat(page, site);
      await chat.visit({ name: "shop-a" });
      await chat.open();
      await chat.inState("authenticated");
      await chat.ask("What is your return policy?");
      await chat.says(/30 days/);
      const cookies = await browser.context.cookies();
      const tokens = cookies.filter((cookie) => cookie.name.startsWith("__Host-cs_")).map((cookie) => cookie.value.split(".")[2]);
      assert.ok(tokens.length > 0);
      // With third-party cookies blocked the frame may not even look at its storage.
      const stored = await chat.frame.evaluate(() => ["localStorage", "sessionStorage"].map((name) => {
        try {
          return JSON.stringify({ ...window[name] });
        } catch {
          return "denied";
        }
      }).concat(document.cookie).join("\n"));
      const heard = await page.evaluate(() => window.heard.join("\n"));
      for (const token of tokens) {
        for (const text of [seen.join("\n"), stored, heard]) assert.ok(!text.includes(token));
      }
      assert.ok(!heard.includes("return policy") && !heard.includes("ben@"), `a message event told the host page: ${heard}`);
      await page.close();
    });
  });
}
