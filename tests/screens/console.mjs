// Pictures of every page of the console, light and dark, into docs/screens/console; and the time to the first useful paint.
// The development edge must be built: `cargo xtask build`, then `node tests/screens/console.mjs`.
import { mkdir } from "node:fs/promises";
import path from "node:path";

import { startBrowser } from "../rig/browser.mjs";
import { Console } from "../rig/console.mjs";
import { root } from "../rig/paths.mjs";
import { startSite } from "../rig/site.mjs";

const FOLDER = path.join(root, "docs", "screens", "console");
const HOME = "/console/agents/ag_northwind";
const ROOMS = [
  "general", "appearance", "customer-auth", "actions", "collections", "integrations", "journeys", "install",
  "dashboard", "conversations", "audit", "members", "tokens",
];
const size = { width: 1280, height: 800 };

await mkdir(FOLDER, { recursive: true });
const site = await startSite();
const browser = await startBrowser({ viewport: size });
try {
  const stranger = await Console.at(browser, site);
  await stranger.chat.locator("#card-email").waitFor();
  await shots(stranger, "sign-in");
  await stranger.close();
  const console = await Console.member(browser, site);
  await shots(console, "agents");
  for (const room of ROOMS) {
    await console.visit(`${HOME}/${room}`);
    await console.page.locator("h1").waitFor();
    await console.page.waitForLoadState("networkidle");
    await shots(console, room);
  }
  await console.visit(`${HOME}/general`);
  await console.type("Greeting", "Hello! What are you looking for?");
  await shots(console, "unsaved");
  await console.button("Discard").click();
  await console.visit("/console/claim#a-token");
  await console.heading("Become a member");
  await shots(console, "claim");
  const times = [];
  for (let n = 0; n < 5; n += 1) {
    await console.page.goto("about:blank");
    await console.visit(`${HOME}/general`);
    await console.heading("General");
    times.push(await console.page.evaluate(() => performance.now()));
  }
  times.sort((a, b) => a - b);
  process.stdout.write(`first useful paint (a room with its settings), of 5 loads: median ${Math.round(times[2])} ms, most ${Math.round(times[4])} ms\n`);
} finally {
  await browser.stop();
  await site.stop();
}

async function shots(console, name) {
  for (const colorScheme of ["light", "dark"]) {
    await console.page.emulateMedia({ colorScheme });
    await console.page.screenshot({ path: path.join(FOLDER, `${name}-${colorScheme}.png`) });
  }
}
