// A visitor's browser as the edge sees it: a cookie jar, the headers that a browser would send, and a WebSocket whose
// frames can be waited for. Everything that an attacker would change can be changed.
import { randomBytes } from "node:crypto";
import WebSocket from "ws";

import { request } from "./http.mjs";
import { codeAfter } from "./inbox.mjs";
import { until, within } from "./wait.mjs";

let visitors = 0;

/** A network address that no other visitor of this run has, so that budgets by address do not meet. */
function freshAddress() {
  visitors += 1;
  const [a, b] = randomBytes(2);
  return `10.${a}.${b}.${(visitors % 250) + 1}`;
}

export const messageId = () => `m_${randomBytes(9).toString("base64url")}`;

export class Visitor {
  /** `edge` is what `startEdge` returned, or anything with `url` and `origin`. `known` is the cookie by which a browser is known (R12). */
  constructor(edge, { agent = "ag_northwind", address = freshAddress(), bearer = false, known } = {}) {
    this.edge = edge;
    this.agent = agent;
    this.address = address;
    this.cookies = new Map();
    if (known) this.cookies.set(`__Host-csk_${agent}`, known);
    this.conversation = undefined;
    /** Keeps its token itself, as a frame does where no cookie sticks. */
    this.inMemory = bearer;
    this.bearer = undefined;
    this.sockets = new Set();
  }

  /** A second tab or device: the same cookies if `cookies`, nothing shared otherwise. */
  sibling({ cookies = true } = {}) {
    const other = new Visitor(this.edge, { agent: this.agent });
    if (cookies) {
      other.cookies = new Map(this.cookies);
      other.conversation = this.conversation;
    }
    return other;
  }

  get cookieHeader() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  get cookieName() {
    return `__Host-cs_${this.agent}`;
  }

  /** The cookie's value: a signed token. */
  get token() {
    return this.cookies.get(this.cookieName);
  }

  headers(changed = {}) {
    const headers = {
      "content-type": "application/json",
      "x-countersign": "1",
      origin: this.edge.origin,
      "sec-fetch-site": "same-origin",
      "sec-fetch-mode": "cors",
      "cf-connecting-ip": this.address,
      cookie: this.cookieHeader,
      authorization: this.bearer && `Bearer ${this.bearer}`,
      ...changed,
    };
    return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined && value !== ""));
  }

  /** One request as the frame page would send it. `headers` replaces single headers; undefined leaves one out. */
  async send(path, { method = "POST", body, headers = {}, raw } = {}) {
    const bytes = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await request(this.edge.url + path, { method, headers: this.headers(headers), body: bytes });
    for (const line of response.setCookie) this.keep(line);
    if (this.inMemory && response.status === 200) this.bearer = response.json().bearer ?? this.bearer;
    return response;
  }

  keep(line) {
    const [pair, ...attributes] = line.split(";").map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf("="));
    const gone = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (gone) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(pair.indexOf("=") + 1));
  }

  async visit(body = {}, options = {}) {
    const asked = this.inMemory ? { bearer: true, ...body } : body;
    const response = await this.send(`/api/agents/${this.agent}/visit`, { body: asked, ...options });
    if (response.status === 200) this.conversation = response.json().conversation;
    return response;
  }

  /** Visits and insists that it worked. */
  async arrive() {
    const response = await this.visit();
    if (response.status !== 200) throw new Error(`visit answered ${response.status}: ${response.text}`);
    return response.json();
  }

  under(path, conversation = this.conversation) {
    return `/api/conversations/${conversation}/${path}`;
  }

  start(card, address, options = {}) {
    return this.send(this.under("login/start", options.conversation), { body: { card, method: "email_code", address }, ...options });
  }

  verify(card, code, options = {}) {
    return this.send(this.under("login/verify", options.conversation), { body: { card, code }, ...options });
  }

  /** What was typed into the form of a login action. */
  submit(card, action, values, options = {}) {
    return this.send(this.under("login/action", options.conversation), { body: { card, action, values }, ...options });
  }

  /** Where this person is signed in, and how they can. */
  account(options = {}) {
    return this.send(this.under("account", options.conversation), { method: "GET", ...options });
  }

  /** Signs one of their devices out. */
  revoke(id, options = {}) {
    return this.send(this.under("account/revoke", options.conversation), { body: { id }, ...options });
  }

  /** What the chat remembers about this person. */
  remembered(options = {}) {
    return this.send(this.under("remembered", options.conversation), { method: "GET", ...options });
  }

  erase(options = {}) {
    return this.send(this.under("remembered/erase", options.conversation), { body: {}, ...options });
  }

  cancel(card, options = {}) {
    return this.send(this.under("login/cancel", options.conversation), { body: { card }, ...options });
  }

  signOut({ everywhere = false, ...options } = {}) {
    return this.send(this.under("logout"), { body: everywhere ? { everywhere } : {}, ...options });
  }

  /** Opens the socket; rejects with the HTTP answer when the upgrade is refused. */
  async socket(after = 0, { headers = {}, conversation = this.conversation, path, protocols } = {}) {
    const url = this.edge.url.replace(/^http/, "ws") + (path ?? `${this.under("socket", conversation)}?after=${after}`);
    const sent = this.headers({ "content-type": undefined, "x-countersign": undefined, authorization: undefined, "sec-fetch-mode": "websocket", ...headers });
    const spoken = protocols ?? (this.bearer ? ["countersign", `bearer.${this.bearer}`] : []);
    const line = new Line(new WebSocket(url, spoken, { headers: sent, perMessageDeflate: false }));
    await within("the socket to open or to be refused", line.opened);
    this.sockets.add(line);
    return line;
  }

  /** Visits, opens the socket and waits until everything old has come. */
  async connect(after = 0) {
    if (!this.conversation) await this.arrive();
    const line = await this.socket(after);
    await line.ready();
    return line;
  }

  /** Asks for something that needs a person and waits for the login card. */
  async askForCard(line, text = "Where is my order?") {
    await line.say(text);
    const frame = await line.until("a login card", (one) => one.type === "card" && one.card.step.at === "address");
    return frame.card.id;
  }

  /** Has a code sent and reads it from the mail. */
  async codeFor(card, address) {
    const before = (await this.edge.mailbox.to(address)).length;
    const started = await this.start(card, address);
    if (started.status !== 200) throw new Error(`start answered ${started.status}: ${started.text}`);
    return codeAfter(this.edge, address, before, started);
  }

  /** The whole way: card, code, session. Leaves a fresh socket open and returns it with what was used. */
  async signIn(address, { question = "Where is my order?" } = {}) {
    const before = await this.connect();
    const card = await this.askForCard(before, question);
    const code = await this.codeFor(card, address);
    const old = this.token;
    const verified = await this.verify(card, code);
    if (verified.status !== 200) throw new Error(`verify answered ${verified.status}: ${verified.text}`);
    await before.closed;
    const visited = await this.arrive();
    const line = await this.connect();
    return { line, card, code, old, verified, visited, before };
  }

  /** The same with the company's own log-in: `values` are what is typed into the form of `action`. */
  async signInAt(action, values, { question = "Where is my order?", card } = {}) {
    const before = [...this.sockets].find((line) => line.closeCode === undefined) ?? await this.connect();
    card ??= await this.askForCard(before, question);
    const old = this.token;
    const submitted = await this.submit(card, action, values);
    if (submitted.status !== 200) throw new Error(`login/action answered ${submitted.status}: ${submitted.text}`);
    await before.closed;
    const visited = await this.arrive();
    const line = await this.connect();
    return { line, card, old, submitted, visited, before };
  }

  /** Closes every socket that is still open. */
  async leave() {
    await Promise.all([...this.sockets].map((line) => line.close()));
    this.sockets.clear();
  }
}

/** An upgrade that the edge refused. */
export class Refused extends Error {
  constructor(status, text) {
    super(`the socket was refused with ${status}: ${text}`);
    this.status = status;
    this.text = text;
  }
}

/** One WebSocket and every frame that came over it. */
export class Line {
  constructor(socket) {
    this.socket = socket;
    this.frames = [];
    this.pongs = 0;
    this.waiting = new Set();
    this.opened = new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
      socket.once("unexpected-response", (outgoing, incoming) => {
        const chunks = [];
        incoming.on("data", (chunk) => chunks.push(chunk));
        incoming.on("end", () => {
          reject(new Refused(incoming.statusCode, Buffer.concat(chunks).toString("utf8")));
          outgoing.destroy();
        });
      });
    });
    this.opened.catch(() => {});
    this.closed = new Promise((resolve) => {
      socket.once("close", (code, reason) => {
        this.closeCode = code;
        resolve({ code, reason: reason.toString("utf8") });
        this.wake();
      });
    });
    socket.on("error", () => {});
    socket.on("message", (data) => {
      const text = data.toString("utf8");
      if (text === "pong") this.pongs += 1;
      else this.frames.push(JSON.parse(text));
      this.wake();
    });
  }

  wake() {
    for (const waiter of this.waiting) waiter();
  }

  send(frame) {
    this.socket.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Waits for a frame, among those that came and those that will. */
  until(what, predicate, withinMs = 20_000) {
    return within(what, new Promise((resolve, reject) => {
      const look = () => {
        const found = this.frames.find(predicate);
        if (found) resolve(found);
        else if (this.closeCode !== undefined) reject(new Error(`the socket closed with ${this.closeCode} before ${what}`));
        else return;
        this.waiting.delete(look);
      };
      this.waiting.add(look);
      look();
    }), withinMs).catch((error) => {
      const seen = this.frames.map((frame) => JSON.stringify(frame).slice(0, 200)).join("\n  ");
      throw new Error(`${error.message}; the frames so far:\n  ${seen}`);
    });
  }

  ready() {
    return this.until("ready", (frame) => frame.type === "ready");
  }

  /** Sends a message and waits until it is acknowledged. */
  async say(text, id = messageId()) {
    this.send({ type: "message", id, text });
    const ack = await this.until(`the acknowledgement of ${id}`, (frame) => frame.type === "ack" && frame.id === id);
    return { id, seq: ack.seq };
  }

  /** Sends a message and waits for the end of its turn: an answer, a card or an interruption. */
  async ask(text, id = messageId()) {
    const { seq } = await this.say(text, id);
    return this.ending(seq);
  }

  /** What ended the turn after this number. */
  ending(seq) {
    return this.until("the end of the turn", (frame) => frame.seq > seq && (frame.type === "answer" || frame.type === "interrupted"
      || (frame.type === "card" && frame.card.step.at === "address") || (frame.type === "confirm" && frame.confirm.step === "asked")), 70_000);
  }

  /** Waits for the card that is open after this number, and gives it. */
  async cardAfter(seq = 0) {
    const frame = await this.until("a login card", (one) => one.seq > seq && one.type === "card" && one.card.step.at === "address");
    return frame.card;
  }

  /** Waits for what the agent asks to be confirmed after this number, and gives it. */
  async asked(seq = 0) {
    const frame = await this.until("something to confirm", (one) => one.seq > seq && one.type === "confirm" && one.confirm.step === "asked");
    return frame.confirm;
  }

  /** Says yes or no to it. */
  confirm(id, accepted = true) {
    this.send({ type: "confirm", id, accepted });
  }

  /** Waits until a confirmation is at this step. */
  confirmed(id, step = "confirmed") {
    return this.until(`the confirmation to be ${step}`, (frame) => frame.type === "confirm" && frame.confirm.id === id && frame.confirm.step === step);
  }

  /** Sends `ping` and waits for its `pong`: whatever the edge sent before has come by then. */
  async ping() {
    const before = this.pongs;
    this.socket.send("ping");
    await until("a pong", () => this.pongs > before);
  }

  get numbered() {
    return this.frames.filter((frame) => frame.seq !== undefined && frame.at !== undefined);
  }

  get lastSeq() {
    return Math.max(0, ...this.numbered.map((frame) => frame.seq));
  }

  async close() {
    if (this.closeCode !== undefined) return;
    this.socket.close(1000);
    await within("the socket to close", this.closed).catch(() => this.socket.terminate());
  }

  /** Cuts the line without a word, as a lost network does. */
  cut() {
    this.socket.terminate();
    return this.closed;
  }
}

/** The text of an answer's blocks, as a visitor would read it. */
export function plain(blocks) {
  const spans = (list) => list.map((span) => (span.type === "break" ? "\n" : span.text)).join("");
  return blocks.map((block) => {
    switch (block.type) {
      case "list": return block.items.map((item) => spans(item.spans)).join("\n");
      case "code": return block.text;
      case "table": return block.rows.map((row) => row.map(spans).join(" | ")).join("\n");
      case "rule": return "---";
      default: return spans(block.spans);
    }
  }).join("\n");
}
