// Collections in the console: a table that teaches, an import with errors that goes on after a reload, records that come back.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Console } from "../rig/console.mjs";
import { startSite } from "../rig/site.mjs";

const skip = noBrowser();
const ROOM = "/console/agents/ag_northwind/collections";
const ROWS = 40_000;
let site;
let browser;
let owner;

before(async () => {
  if (skip) return;
  site = await startSite();
  browser = await startBrowser({ viewport: { width: 1280, height: 900 } });
  owner = await Console.member(browser, site);
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

/** A file of staff; every thousandth line is not right. */
function staffFile() {
  const row = (n) => `EMP-${n},${n % 1000 === 7 ? "not one" : `person${n}@example.com`},"Doe, Person ${n}"`;
  return { name: "staff.csv", mimeType: "text/csv", buffer: Buffer.from(`number;E-Mail;Name\r\n`.replaceAll(";", ",") + `${Array.from({ length: ROWS }, (_, n) => row(n)).join("\r\n")}\r\n`) };
}

test("a new collection is made and imported into: errors by line, on after a reload, nothing in place before", { skip }, async () => {
  const { page } = owner;
  await owner.visit(ROOM);
  await owner.heading("Collections");
  await owner.press("New collection");
  await owner.page.getByRole("dialog").getByLabel("Name", { exact: true }).first().fill("Staff");
  await owner.press("Create");
  await owner.heading("Staff");
  await owner.says("No record yet");
  assert.deepEqual(await owner.violations(), []);
  await shot(page, "console-collection-empty");
  await owner.follow("Import a CSV file");
  await page.setInputFiles("input[type=file]", staffFile());
  await owner.says("Which column fills which field");
  assert.deepEqual(await owner.violations(), []);
  await shot(page, "console-import-columns");
  // One part comes through, then the line is cut.
  let parts = 0;
  await page.route("**/imports/*", (route) => {
    if (route.request().method() !== "PATCH") return route.continue();
    parts += 1;
    return parts > 1 ? route.abort() : route.continue();
  });
  await owner.press("Read the file");
  await owner.says(/could not be reached/);
  await page.unroute("**/imports/*");
  await page.reload();
  await owner.says(/An import of staff\.csv is open/);
  await shot(page, "console-import-open");
  await page.setInputFiles("input[type=file]", { ...staffFile(), name: "other.csv" });
  await owner.says(/This is another file/);
  await page.setInputFiles("input[type=file]", staffFile());
  await owner.says("The file is read");
  await owner.says(`${ROWS - ROWS / 1000} rows`);
  assert.deepEqual(await owner.violations(), []);
  await shot(page, "console-import-errors");
  await owner.press("Leave these lines out and put the rest in place");
  await owner.says(`${ROWS - ROWS / 1000} records are in place.`);
  await owner.follow("See the records");
  await owner.says(`50 of ${ROWS - ROWS / 1000} records`);
  assert.deepEqual(await owner.violations(), []);
  await shot(page, "console-collection");
  assert.deepEqual(owner.failures, []);
});

test("a record is found, removed, and brought back", { skip }, async () => {
  const { page } = owner;
  await owner.visit(`${ROOM}/staff`);
  await owner.type("Search", "emp-123");
  await owner.says("EMP-1230");
  const row = page.getByRole("row", { name: /EMP-1230\b/ });
  await row.getByRole("button", { name: /^Remove/ }).click();
  await row.waitFor({ state: "detached" });
  await owner.press("Undo");
  await row.waitFor();
  assert.deepEqual(owner.failures, []);
});

test("the lines that were left out are downloaded, mended, and come in beside the others", { skip }, async () => {
  const { page } = owner;
  const choose = (name, text) => page.setInputFiles("input[type=file]", { name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await owner.visit(`${ROOM}/staff/import`);
  await owner.says("Choose a CSV file");
  await choose("few.csv", "Number,Email,Name\nN-1,one@example.com,One\nN-2,two at example.com,Two\n");
  await owner.press("Read the file");
  await owner.says("The file is read");
  await owner.press("Leave these lines out and put the rest in place");
  await owner.says("1 records are in place.");
  const [download] = await Promise.all([page.waitForEvent("download"), owner.link("Download these lines").click()]);
  assert.equal(download.suggestedFilename(), "staff-errors.csv");
  const text = await readFile(await download.path(), "utf8");
  assert.match(text, /^\uFEFFWhat is wrong \(not imported\),Number,Email,Name\r\n"?Line 3: Email: .*"?,N-2,two at example\.com,Two\r\n$/);
  await owner.visit(`${ROOM}/staff/import`);
  await choose("staff-errors.csv", text.replace("two at example.com", "two@example.com"));
  await owner.says("Which column fills which field");
  // Merged unless somebody chooses otherwise: replacing would take the others away.
  const mode = owner.field("The records that are here");
  assert.equal(await mode.inputValue(), "number");
  await mode.selectOption("replace");
  await owner.says(/Replacing takes every record away that is here/);
  await mode.selectOption("number");
  assert.equal(await owner.field("What is wrong (not imported)").inputValue(), "");
  await owner.press("Read the file");
  await owner.says("The file is read");
  await owner.press("Put the records in place");
  await owner.says("1 records are in place.");
  await owner.follow("See the records");
  await owner.says("2 of 2 records");
  assert.deepEqual(owner.failures, []);
});
