// Which language a visitor is shown: the page, the card, the mail (E7, L2), and how texts by language are set.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { request } from "../rig/http.mjs";
import { mailNumber } from "../rig/inbox.mjs";
import { Member, assertProblem, memberOf, ownerOf } from "../rig/members.mjs";
import { until } from "../rig/wait.mjs";

const GERMAN = {
  name: "Nordwind Ausrüster", greeting: "Hallo! Wie kann ich helfen?", suggested: ["Wo ist meine Bestellung?"],
  customer_auth: { title: "Wer fragt?", subtitle: "Nur einen Moment" },
};
const CARD = { title: "Who is asking?", subtitle: "One moment" };
const HOSTILE = `"><script>alert(1)</script>{{text.send}}`;

let edge;
let owner;

before(async () => {
  edge = await startEdge({
    agents: [
      agent("ag_northwind", { auth: CARD, languages: { de: GERMAN, "pt-BR": { greeting: "Olá!" }, he: { greeting: "שלום" } } }),
      agent("ag_plain"),
      agent("ag_german", { language: "de", greeting: "Guten Tag", auth: { title: "Anmelden", subtitle: "Ein Code" }, languages: { en: { greeting: "Good day" } } }),
      agent("ag_hostile", { languages: { de: { greeting: HOSTILE, suggested: [HOSTILE], customer_auth: { title: HOSTILE } } } }),
      agent("ag_set", { auth: CARD }),
    ],
  });
  owner = await ownerOf(edge);
});
after(() => edge?.stop());

/** The page for this header: what it says it is, and its texts. */
async function page(languages, { id = "ag_northwind", headers = {} } = {}) {
  const sent = languages === undefined ? headers : { "accept-language": languages, ...headers };
  const response = await request(`${edge.url}/frame/${id}`, { headers: sent });
  const { text } = response;
  const [, lang, dir] = /<html lang="([^"]*)" dir="([^"]*)">/.exec(text) ?? [];
  const [, greeting] = /<p class="cs-greeting"[^>]*>([^<]*)<\/p>/.exec(text) ?? [];
  const [, own] = /<p class="cs-greeting"([^>]*)>/.exec(text) ?? [];
  return { response, text, lang, dir, greeting, own, placeholder: /placeholder="([^"]*)"/.exec(text)?.[1] };
}

/** A visitor whose browser says this. */
class Reader extends Visitor {
  constructor(languages, options) {
    super(edge, options);
    this.languages = languages;
  }

  headers(changed = {}) { return super.headers({ "accept-language": this.languages, ...changed }); }
}

/** The card that a question opens. */
async function cardOf(languages, options) {
  const visitor = new Reader(languages, options);
  const line = await visitor.connect();
  const id = await visitor.askForCard(line);
  const { card } = await line.until("the card", (frame) => frame.type === "card" && frame.card.id === id);
  return { visitor, line, card };
}

describe("a header that says nothing", () => {
  test("gives the agent's own texts and the words of their language, whatever stands in it", async () => {
    const wrong = [
      undefined, "", "*", "x", "de;q=0", "de_AT", "de;q=2", "de;;q=1", ",,,;", "sv", "-", "de-;q=0.1", "d\u00e9",
      "x".repeat(10_000), "d,".repeat(5_000), "*;q=0.5,".repeat(1_000), `${"sv,".repeat(200)}de`, "de\t;q=0.0000", "'; DROP TABLE agent; --",
    ];
    for (const languages of wrong) {
      const { response, lang, greeting } = await page(languages);
      assert.equal(response.status, 200, languages?.slice(0, 40));
      assert.deepEqual([lang, greeting], ["en", "Hello! How can I help?"], languages?.slice(0, 40));
    }
    assert.deepEqual((({ lang, greeting }) => [lang, greeting])(await page("sv", { id: "ag_german" })), ["de", "Guten Tag"]);
  });
});

describe("the page", () => {
  test("is in the best language that there is, by weight and by order", async () => {
    for (const [languages, lang, greeting] of [
      ["de", "de", GERMAN.greeting],
      ["de-AT,de;q=0.9,en;q=0.8", "de", GERMAN.greeting],
      ["en,de;q=0.9", "en", "Hello! How can I help?"],
      ["de;q=0.1, en;q=0.2", "en", "Hello! How can I help?"],
      ["sv,de;q=0.3", "de", GERMAN.greeting],
      ["pt", "pt", "Olá!"],
      ["pt-PT,pt;q=0.9", "pt", "Olá!"],
    ]) {
      const found = await page(languages);
      assert.deepEqual([found.lang, found.greeting], [lang, greeting], languages);
      assert.equal(found.response.headers["content-language"], lang);
    }
  });

  test("says which language the owner's words are in, where they are in another than the page's", async () => {
    const german = await page("de");
    assert.equal(german.own, ` dir="auto"`);
    assert.match(german.text, /<h1 dir="auto">Nordwind Ausrüster<\/h1>/);
    assert.match(german.text, /<button type="button" class="cs-suggest" dir="auto">Wo ist meine Bestellung\?<\/button>/);
    const french = await page("fr");
    assert.deepEqual([french.lang, french.greeting, french.own], ["fr", "Hello! How can I help?", ` dir="auto" lang="en"`]);
    assert.match(french.text, /<h2 id="card-title" tabindex="-1" dir="auto" lang="en">/);
    const hebrew = await page("he");
    assert.deepEqual([hebrew.lang, hebrew.dir, hebrew.own], ["en", "ltr", ` dir="auto" lang="he"`]);
  });

  test("is written from right to left in Arabic", async () => {
    const { lang, dir, placeholder } = await page("ar-EG");
    assert.deepEqual([lang, dir, placeholder], ["ar", "rtl", "اكتب رسالة…"]);
  });

  test("has our own words in eight languages", async () => {
    const seen = new Set();
    for (const language of ["en", "es", "pt", "id", "de", "fr", "ar", "ja"]) {
      const { lang, text, placeholder } = await page(language, { id: "ag_plain" });
      assert.equal(lang, language);
      seen.add(placeholder);
      const texts = JSON.parse(/<script type="application\/json" id="texts">(.*?)<\/script>/s.exec(text)[1]);
      assert.ok(texts.send_code && texts.error_unavailable, language);
      assert.doesNotMatch(text, /\{\{/);
      // The card says our words as well, until the owner writes others: it is in the page's language.
      assert.match(text, /<h2 id="card-title" tabindex="-1"><\/h2>/);
    }
    assert.equal(seen.size, 8);
  });

  test("shows the owner's words as words in every language", async () => {
    const { text } = await page("de", { id: "ag_hostile" });
    assert.ok(!text.includes("<script>alert"));
    assert.ok(text.includes("{{text.send}}"), "what a text contains was filled in");
  });

  test("has another tag in another language, and a cache is told what it depends on", async () => {
    const [english, german, french] = await Promise.all(["en", "de", "fr"].map((language) => page(language)));
    const tags = [english, german, french].map(({ response }) => response.headers.etag);
    assert.equal(new Set(tags).size, 3);
    for (const { response } of [english, german, french]) assert.match(response.headers.vary, /accept-language/i);
    const [, tag] = tags;
    const again = await page("de-AT", { headers: { "if-none-match": tag } });
    assert.deepEqual([again.response.status, again.response.headers.etag], [304, tag]);
    assert.match(again.response.headers.vary, /accept-language/i);
    assert.equal((await page("en", { headers: { "if-none-match": tag } })).response.status, 200);
  });
});

describe("the card and the mail", () => {
  test("are in the language of the visit, when the agent asks for a login later", async () => {
    const { visitor, line, card } = await cardOf("de-CH,de;q=0.9,en;q=0.1");
    assert.deepEqual([card.title, card.subtitle], [GERMAN.customer_auth.title, GERMAN.customer_auth.subtitle]);
    await visitor.start(card.id, "jonas@example.com");
    const mail = await mailNumber(edge, "jonas@example.com");
    assert.match(mail.subject, /^Ihr Code für Nordwind Ausrüster \(/);
    assert.match(mail.text, /Anmeldecode[^]*\n\d{6}\n/);
    await line.close();
  });

  test("are in the default for whoever reads no language of the owner's, in our own words where the owner wrote none", async () => {
    const french = await cardOf("fr");
    assert.deepEqual([french.card.title, french.card.subtitle], [CARD.title, CARD.subtitle]);
    await french.visitor.start(french.card.id, "claire@example.com");
    assert.match((await mailNumber(edge, "claire@example.com")).subject, /^Votre code pour Northwind Outfitters \(/);
    await french.line.close();
    const plain = await cardOf("fr", { agent: "ag_plain" });
    assert.equal(plain.card.title, "Connectez-vous pour continuer");
    await plain.line.close();
  });

  test("follow a browser that comes back in another language, and one that says nothing changes nothing", async () => {
    const visitor = new Reader("de");
    await visitor.arrive();
    visitor.languages = undefined;
    await visitor.arrive();
    const line = await visitor.connect();
    const first = await visitor.askForCard(line);
    const { card } = await line.until("the card", (frame) => frame.type === "card" && frame.card.id === first);
    assert.equal(card.title, GERMAN.customer_auth.title);
    await visitor.cancel(first);
    visitor.languages = "en-GB";
    await visitor.arrive();
    await line.until("the card to close", (frame) => frame.type === "card" && frame.card.step.at === "cancelled");
    await line.say("Where is my order?");
    const next = await line.until("another card", (frame) => frame.type === "card" && frame.card.id !== first);
    assert.equal(next.card.title, CARD.title);
    await line.close();
  });
});

describe("texts by language", () => {
  const at = "agents/ag_set";
  const read = async (member = owner) => (await member.get(at)).json();
  const save = async (patch, member = owner) => member.patch(at, patch, (await read(member)).version);

  test("are refused field by field", async () => {
    for (const [patch, pointer] of [
      [{ languages: { german: {} } }, "/languages/german"],
      [{ languages: { "de-de": {} } }, "/languages/de-de"],
      [{ languages: { en: {} } }, "/languages/en"],
      [{ languages: { de: "Hallo" } }, "/languages/de"],
      [{ languages: { de: { titel: "x" } } }, "/languages/de/titel"],
      [{ languages: { de: { name: "" } } }, "/languages/de/name"],
      [{ languages: { de: { greeting: "x".repeat(501) } } }, "/languages/de/greeting"],
      [{ languages: { de: { customer_auth: { title: 1 } } } }, "/languages/de/customer_auth"],
      [{ languages: { de: { customer_auth: { methods: [] } } } }, "/languages/de/customer_auth/methods"],
      [{ languages: Object.fromEntries([..."abcdefghijklmnopqrstu"].map((letter) => [`${letter}q`, {}])) }, "/languages"],
      [{ language: "english" }, "/language"],
    ]) {
      const problem = assertProblem(await save(patch), 422, "invalid");
      assert.deepEqual(problem.errors.map((error) => error.pointer), [pointer], JSON.stringify(patch).slice(0, 80));
    }
  });

  test("are an editor's to change, and the rest of the settings is not", async () => {
    const editor = await memberOf(edge, { email: "editor@example.com", agent: "ag_set", role: "editor" });
    const saved = await save({ languages: { de: { customer_auth: { title: "Wer fragt?" } } } }, editor);
    assert.equal(saved.status, 200);
    assert.equal(saved.json().settings.languages.de.customer_auth.title, "Wer fragt?");
    assertProblem(await save({ languages: { fr: {} }, instructions: "x" }, editor), 403, "not_allowed");
    assert.deepEqual(Object.keys((await read(editor)).settings.languages), ["de"]);
    assertProblem(await new Member(edge, "stranger@example.com").signIn().then((nobody) => nobody.get(at)), 404, "not_found");
  });

  test("are gone with a null, and a visitor who read them gets the default", async () => {
    await save({ languages: { de: { greeting: "Hallo!", customer_auth: { title: "Wer fragt?" } } } });
    await until("the German page", async () => (await page("de", { id: "ag_set" })).greeting === "Hallo!");
    const visitor = new Reader("de", { agent: "ag_set" });
    const line = await visitor.connect();
    await save({ languages: { de: null } });
    assert.deepEqual((await read()).settings.languages, {});
    await until("the default page", async () => (await page("de", { id: "ag_set" })).greeting === "Hello! How can I help?");
    const id = await visitor.askForCard(line);
    const { card } = await line.until("the card", (frame) => frame.type === "card" && frame.card.id === id);
    assert.equal(card.title, CARD.title);
    await line.close();
  });
});
