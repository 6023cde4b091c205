// Debian's Chromium with names under `.test` on loopback, and third-party cookies blocked or allowed as a visitor's
// settings would have them.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Why the browser tests cannot run here, or false. For `test(name, {skip})`. */
export const noBrowser = () => (existsSync(CHROMIUM) ? false : `${CHROMIUM} is missing: apt-get install chromium`);

const FLAGS = [
  "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];

/**
 * Starts a browser with a profile of its own. The setting is the one that a visitor sets ("Block third-party cookies"),
 * written to the profile: Playwright has no switch for it. `languages` are those that the browser asks for: `de-AT,de,en`. `tests/browser/rig.test.mjs` holds that it bites.
 */
export async function startBrowser({ thirdPartyCookies = "blocked", allCookies = "allowed", languages, ...options } = {}) {
  const profile = await mkdtemp(path.join(tmpdir(), "countersign-chromium-"));
  const block = thirdPartyCookies === "blocked";
  await mkdir(path.join(profile, "Default"), { recursive: true });
  await writeFile(path.join(profile, "Default", "Preferences"), JSON.stringify({
    profile: {
      cookie_controls_mode: block ? 1 : 0,
      block_third_party_cookies: block,
      // "Don't allow sites to save data on your device": no cookie at all, of no site, partitioned or not.
      ...(allCookies === "blocked" && { default_content_setting_values: { cookies: 2 } }),
    },
    // Playwright's own switch does not reach the first request of a frame of another site.
    ...(languages && { intl: { accept_languages: languages, selected_languages: languages } }),
    tracking_protection: { block_all_3pc_toggle_enabled: block },
  }));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: FLAGS,
    ignoreHTTPSErrors: true,
    viewport: { width: 1100, height: 800 },
    reducedMotion: "reduce",
    locale: languages ? undefined : "en-US",
    ...options,
  });
  context.setDefaultTimeout(15_000);
  // A chat's page can be seen and typed into before its program runs: this is how a host page knows that it does.
  await context.addInitScript(() => addEventListener("message", ({ data }) => {
    if (data?.countersign === 1 && data.type === "ready") window.chatIsReady = true;
  }));
  return {
    context,
    page: () => context.newPage(),
    async stop() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Saves a picture where `SHOTS` says, if it says anything. */
export async function shot(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, `${name}.png`) });
}
