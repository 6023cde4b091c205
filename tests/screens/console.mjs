// Pictures of every page of the console, filled as on a working day, light and dark, into docs/screens/console.
// The development edge must be built: `cargo xtask build`, then `node tests/screens/console.mjs [name …]`.
import { mkdir } from "node:fs/promises";
import path from "node:path";

import { startCompany } from "../../demo/company/company.mjs";
import { agentWithActions } from "../rig/agents.mjs";
import { startBrowser } from "../rig/browser.mjs";
import { Visitor } from "../rig/client.mjs";
import { Console } from "../rig/console.mjs";
import { request } from "../rig/http.mjs";
import { ownerOf } from "../rig/members.mjs";
import { root } from "../rig/paths.mjs";
import { startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const FOLDER = path.join(root, "docs", "screens", "console");
const HOME = "/console/agents/ag_northwind";
const ROOMS = [
  "general", "appearance", "customer-auth", "actions", "collections", "integrations", "journeys", "install",
  "dashboard", "conversations", "audit", "members", "tokens",
];
const size = { width: 1280, height: 800 };
const only = process.argv.slice(2);

await mkdir(FOLDER, { recursive: true });
const company = await startCompany();
const site = await startSite({ agents: (origins) => [agentWithActions(company, "ag_northwind", { origins }), agentWithActions(company, "ag_outlet", { name: "Northwind Outlet", origins })] });
const browser = await startBrowser({ viewport: size });
try {
  const stranger = await Console.at(browser, site);
  await stranger.chat.locator("#card-email").waitFor();
  await shots(stranger, "sign-in");
  await stranger.close();
  const console = await Console.member(browser, site);
  const { conversation, staff } = await day();
  await console.visit("/console");
  await console.heading("Agents");
  await shots(console, "agents");
  await console.visit("/console/audit");
  await console.page.getByRole("row", { name: /Member joined/ }).first().waitFor();
  await shots(console, "console-audit");
  await console.visit("/console");
  await console.press("Duplicate Northwind Outfitters");
  await shots(console, "agent-duplicate");
  await console.page.keyboard.press("Escape");
  for (const room of ROOMS) await opened(console, room, room);
  await opened(console, "actions/track_order", "action");
  await opened(console, `conversations/${conversation}`, "conversation");
  await opened(console, "collections/staff", "collection");
  await opened(console, "collections/staff/fields", "collection-fields");
  await opened(console, "collections/staff/import", "import");
  await console.page.setInputFiles("input[type=file]", { name: "staff.csv", mimeType: "text/csv", buffer: Buffer.from(staff) });
  await console.says("Which column fills which field");
  await shots(console, "import-columns");
  await console.press("Read the file");
  await console.says("The file is read");
  await shots(console, "import-errors");
  await opened(console, "general", undefined);
  await console.type("Greeting", "Hello! What are you looking for?");
  await shots(console, "unsaved");
  await console.link("All agents").click();
  await console.says("Leave without saving?");
  await shots(console, "leaving");
  await console.press("Discard and leave");
  await opened(console, "customer-auth", undefined);
  await console.page.getByLabel("Another language").selectOption({ label: "German" });
  await console.press("Add the language");
  await console.type("Title", "Wer fragt?");
  await console.type("Subtitle", "Wir schicken Ihnen einen Code per E-Mail");
  await until("the title in the preview", async () => (await console.page.frameLocator("iframe[title='Preview of the chat']").locator("#card-title").innerText()) === "Wer fragt?");
  await shots(console, "languages");
  await console.press("Test chat");
  const chat = console.page.frameLocator("iframe[title='Test chat']");
  await chat.locator("#composer").fill("Where is my order?");
  await chat.locator("#composer").press("Enter");
  await chat.locator("#card-title").waitFor();
  await shots(console, "test-chat");
  await console.press("Close the test chat");
  await console.press("Discard");
  await console.visit("/console/claim#a-token");
  await console.heading("Become a member");
  await shots(console, "claim");
} finally {
  await browser.stop();
  await site.stop();
  await company.stop();
}

/** What a day leaves behind: people who signed in, staff, members, a token, sites that loaded the chat. */
async function day() {
  const owner = await ownerOf(site.edge, "second@example.com");
  let last;
  for (const name of ["ana", "ben"]) {
    const visitor = new Visitor(site.edge, { agent: "ag_northwind" });
    const { line } = await visitor.signIn(`${name}@example.com`);
    await line.say("What is your return policy?");
    last = visitor.conversation;
  }
  const asking = new Visitor(site.edge, { agent: "ag_northwind" });
  await asking.arrive();
  await (await asking.socket()).say("Where is my order?");
  const fields = [
    { name: "number", label: "Employee number", type: "text", unique: true, required: true }, { name: "email", label: "Email", type: "email" },
    { name: "since", label: "Since", type: "date" }, { name: "roles", label: "Roles", type: "texts" },
  ];
  await owner.post("agents/ag_northwind/collections", { name: "staff", title: "Staff", fields });
  for (let n = 1; n <= 8; n += 1) {
    await owner.post("agents/ag_northwind/collections/staff/records", { data: { number: `EMP-${n}`, email: `person${n}@example.com`, since: `2024-0${n}-15`, roles: n % 3 ? ["staff"] : ["staff", "lead"] } });
  }
  await owner.post("agents/ag_northwind/members", { email: "marketing@example.com", role: "editor" });
  await owner.post("agents/ag_northwind/tokens", { name: "Nightly export", scopes: ["audit:read", "collections:read"], days: 90 });
  for (const page of [site.shop.origin("shop"), "https://staging.shop.example.com"]) {
    await request(`${site.edge.url}/frame/ag_northwind`, { headers: { referer: `${page}/`, "sec-fetch-dest": "iframe" } });
  }
  await until("both sites to be noted", async () => (await owner.get("agents/ag_northwind/install")).json().length === 2);
  const staff = "Employee number,E-Mail,Since,Roles,Shoe size\n" + ["EMP-1,ana@example.com,2024-01-15,staff,39", "EMP-2,not an address,2024-01-15,staff,41", "EMP-3,cleo@example.com,15.1.2024,staff;lead,", "EMP-3,dora@example.com,2024-02-01,staff,38"].join("\n");
  return { conversation: last, staff };
}

/** Opens a page of the agent and takes its pictures once nothing is being read any more. */
async function opened(console, where, name) {
  await console.visit(`${HOME}/${where}`);
  await console.page.locator("h1").waitFor();
  await console.page.waitForLoadState("networkidle");
  if (name) await shots(console, name);
}

async function shots(console, name) {
  if (only.length > 0 && !only.includes(name)) return;
  for (const colorScheme of ["light", "dark"]) {
    await console.page.emulateMedia({ colorScheme });
    // As tall as what is in it, up to three screens.
    const height = await console.page.evaluate(() => Math.min(2_400, document.documentElement.scrollHeight));
    await console.page.setViewportSize({ ...size, height: Math.max(size.height, height) });
    await console.page.screenshot({ path: path.join(FOLDER, `${name}-${colorScheme}.png`) });
    await console.page.setViewportSize(size);
  }
}
