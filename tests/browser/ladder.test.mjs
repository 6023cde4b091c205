// How the chat keeps who one is (K8), rung by rung: the partitioned cookie, the token in the frame's memory, a cookie of the
// shop's own site.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { Chat, startSite } from "../rig/site.mjs";

const skip = noBrowser();

/** Asks, signs in, reads the answer; gives each request's address and headers as they left the browser. */
async function signsIn(chat, address) {
  await chat.open();
  await chat.ask("Where is my order?");
  await chat.on("card-email").waitFor();
  await chat.signIn(address);
  await chat.says(/NW-1\d\d\d|NW-2\d\d\d/);
}

/** What the frame sends and gets, for as long as the page lives. */
function listen(page, origin) {
  const seen = { urls: [], bearers: [], setCookies: 0 };
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) return;
    seen.urls.push(request.url());
    const { authorization } = request.headers();
    if (authorization) seen.bearers.push(authorization);
  });
  page.on("websocket", (socket) => seen.urls.push(socket.url()));
  page.on("response", async (response) => {
    if (response.url().startsWith(origin) && await response.headerValue("set-cookie").catch(() => null)) seen.setCookies += 1;
  });
  return seen;
}

// Third-party cookies are blocked throughout.
for (const [rung, { edgeName = "edge", keepsNothing = false }] of Object.entries({
  "the partitioned cookie": {},
  "the frame's own memory, where no cookie is kept at all": { keepsNothing: true },
  "a subdomain of the shop": { edgeName: "chat.shop" },
})) {
  describe(`on the rung of ${rung}`, { skip }, () => {
    let site;
    let browser;

    before(async () => {
      site = await startSite({ edgeName });
      browser = await startBrowser({ allCookies: keepsNothing ? "blocked" : "allowed" });
    });
    after(async () => {
      await browser?.stop();
      await site?.stop();
    });

    test("a visitor signs in and gets their answer", async () => {
      const page = await browser.page();
      const seen = listen(page, site.origin);
      const chat = new Chat(page, site);
      await chat.visit();
      await signsIn(chat, "ana@example.com");
      const cookies = (await browser.context.cookies()).filter(({ name }) => name.startsWith("__Host-cs_"));
      if (keepsNothing) {
        assert.ok(seen.bearers.length > 0, "no bearer was sent");
        assert.deepEqual(cookies, []);
        const token = seen.bearers.at(-1).slice("Bearer ".length);
        assert.ok(!seen.urls.some((url) => url.includes(token)), "the token stood in an address");
      } else {
        assert.deepEqual(seen.bearers, []);
        assert.equal(cookies.length, 1);
        await chat.reload();
        await chat.open();
        await chat.inState("authenticated");
      }
    });
  });
}
