// The frame page as the edge renders it, with the edge's part of the conversation played by the test: every step of a card,
// in any order, without a company's API or a model behind it. What the page sends is kept.
import { agent } from "./agents.mjs";
import { Chat, startSite } from "./site.mjs";
import { until } from "./wait.mjs";

const CONVERSATION = "ag_northwind.AAAAAAAAAAAAAAAAAAAAAA";
export const CARD = "BBBBBBBBBBBBBBBBBBBBBB";

/** A site whose agent remembers persons. */
export const startRememberingSite = () =>
  startSite({ agents: (origins) => [agent("ag_northwind", { origins, auth: { persistent_context: true } })] });

/** A refusal as the edge answers it. */
export const refusal = (status, code, message = "", more = {}) => ({ status, json: { code, message, request_id: "r", ...more } });

/** A form of a login action, as `shared/src/card.rs` has it. */
export const signInForm = (more = {}) => ({
  action: "sign_in",
  title: "Use your Northwind account",
  fields: [
    { name: "user_name", label: "User name", kind: "text", autocomplete: "username" },
    { name: "password", label: "Password", kind: "password", autocomplete: "current-password" },
  ],
  ...more,
});

/** A login card with that form and the code by email, the form first. */
export const loginCard = (more = {}) => ({
  id: CARD,
  title: "Sign in to continue",
  subtitle: "We'll send you a quick verification code",
  methods: ["login_action", "email_code"],
  forms: [signInForm()],
  step: { at: "address" },
  ...more,
});

/** The code step of a card. */
export const codeStep = (address, more = {}) => {
  const later = new Date(Date.now() + 60_000).toISOString();
  return { at: "code", address, digits: 6, reference: "amber-otter", resend_at: later, expires_at: later, delivery: "sent", ...more };
};

/** An open chat whose edge is the test. */
export class Stage {
  /** What the page posted or got: `{verb, path, body}`; `path` is what follows the conversation's id. */
  requests = [];
  /** What the page sent over the socket. */
  sent = [];
  /** The bodies of the visits. */
  visits = [];
  /** The headers of every request, and the protocols of every socket. */
  headers = [];
  protocols = [];
  /** By path: `{status, json}`, or a function of the body that gives it. */
  answers = {};
  seq = 0;

  static async open(browser, site, { state = "unidentified", label, before, visited } = {}) {
    const stage = new Stage();
    const page = await browser.page();
    stage.visited = visited;
    await before?.(page);
    stage.chat = new Chat(page, site);
    stage.who = { state, ...(label && { label }) };
    await page.route("**/api/**", (route) => stage.answer(route));
    await page.routeWebSocket("**/api/**", (socket) => {
      stage.protocols.push(socket.protocols?.() ?? []);
      socket.onMessage((text) => {
        if (text !== "ping") stage.sent.push(JSON.parse(text));
      });
      socket.send(JSON.stringify({ type: "ready", seq: stage.seq }));
      stage.socket = socket;
    });
    await stage.chat.visit();
    await stage.chat.open();
    await until("the socket", () => stage.socket);
    return stage;
  }

  async answer(route) {
    const { pathname } = new URL(route.request().url());
    const posted = route.request().postData();
    const body = posted === null ? undefined : JSON.parse(posted);
    this.headers.push(route.request().headers());
    if (pathname.endsWith("/visit")) {
      this.visits.push(body);
      await route.fulfill({ json: { conversation: CONVERSATION, ...this.who, frames: [], now: new Date().toISOString(), ...this.visited?.(body) } });
      return;
    }
    const path = pathname.replace(/^.*?conversations\/[^/]+\//, "");
    this.requests.push({ verb: route.request().method(), path, body });
    const answer = this.answers[path] ?? refusal(404, "not_found");
    await route.fulfill(typeof answer === "function" ? await answer(body) : answer);
  }

  /** Sends a numbered frame. */
  entry(entry) {
    this.seq += 1;
    this.live({ seq: this.seq, at: new Date().toISOString(), ...entry });
  }

  /** Sends a live frame. */
  live(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  /** Shows a card and waits for it. */
  async card(more) {
    this.entry({ type: "card", card: loginCard(more) });
    await this.on("card").waitFor();
  }

  on(id) {
    return this.chat.on(id);
  }

  focused() {
    return this.chat.focused();
  }

  /** All that the page holds but its words: markup, and what is in its fields. */
  kept() {
    return this.chat.frame.evaluate(() => {
      const page = document.documentElement.cloneNode(true);
      page.querySelector("#texts").remove();
      return page.outerHTML + [...document.querySelectorAll("input, textarea")].map((field) => field.value).join();
    });
  }

  /** Waits until an element says this. */
  says(id, pattern) {
    return until(`#${id} to say ${pattern}`, async () => pattern.test(await this.on(id).innerText()));
  }

  /** Waits until the keyboard is there. */
  focus(id) {
    return until(`the focus on ${id}`, async () => (await this.focused()) === id);
  }

  /** Waits until the page asked for this, and gives what it sent. */
  async asked(path, count = 1) {
    const found = () => this.requests.filter((request) => request.path === path);
    await until(`${count} × ${path}`, () => found().length >= count);
    return found().at(-1).body;
  }

  close() {
    return this.chat.page.close();
  }
}
