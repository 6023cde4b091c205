// Google on loopback for tests, and a window that walks there and back with cookies of its own.
import { ACCOUNTS, startGoogle as start } from "../../../demo/google/google.mjs";
import { request } from "../http.mjs";

export { ACCOUNTS } from "../../../demo/google/google.mjs";

const [ANA, BEN, CHRIS] = ACCOUNTS;
export { ANA, BEN, CHRIS };

export const CLIENT = { id: "test-client.apps.example", secret: "canary-google-client-secret" };

/** Starts it for an edge of this origin; another client's redirect address stands beside the right one. */
export const startGoogle = ({ origin = "https://edge.test", ...options } = {}) =>
  start({ client: CLIENT, redirects: [`${origin}/login/google/callback`], ...options });

/** What an agent needs to offer Google. */
export const withGoogle = ({ methods = ["email_code", "google"], ...auth } = {}) =>
  ({ methods, google: { client_id: CLIENT.id }, ...auth });

/** Asks for a window from a visitor's card. */
export const openWindow = (visitor, card, options = {}) =>
  visitor.send(visitor.under("login/google", options.conversation), { body: { card }, ...options });

/** Says that the window is the visitor's own. */
export const match = (visitor, card, code = "", options = {}) =>
  visitor.send(visitor.under("login/match", options.conversation), { body: { card, code }, ...options });

function take(jar, lines) {
  for (const line of lines) {
    const [pair] = line.split(";");
    const name = pair.slice(0, pair.indexOf("=")).trim();
    if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
    else jar.set(name, pair.slice(pair.indexOf("=") + 1));
  }
}

const header = (jar) => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");

/** What a page of the edge's says: `{state, code, card}`. */
export function shownBy({ text }) {
  const say = (name) => new RegExp(`data-${name}="([^"]*)"`).exec(text)?.[1];
  return { state: say("state"), code: say("code"), card: say("card") };
}

let windows = 0;

/** A browser's own window: cookies of the edge and of the provider, apart from those of any chat; in a network of its own. */
export class Window {
  /** `visitor`'s browser takes unpartitioned cookies if given: its binding cookies come along. */
  constructor(edge, visitor) {
    this.edge = edge;
    this.own = new Map();
    this.provider = new Map();
    windows += 1;
    this.address = `10.9.${windows >> 8}.${windows & 255}`;
    for (const [name, value] of visitor?.cookies ?? []) if (name.startsWith("__Host-csb_")) this.own.set(name, value);
  }

  /** One address of the edge's, redirects not followed. */
  async at(address, { headers = {}, keep = true } = {}) {
    const url = new URL(address, this.edge.origin);
    const sent = { cookie: header(this.own), "sec-fetch-dest": "document", "sec-fetch-mode": "navigate", "cf-connecting-ip": this.address, ...headers };
    const response = await request(this.edge.url + url.pathname + url.search, {
      headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value)),
    });
    if (keep) take(this.own, response.setCookie);
    return response;
  }

  /** Sets out from what `openWindow` answered: the address at the provider, as a URL. */
  async setOut(path, options) {
    const response = await this.at(path, options);
    if (response.status !== 302) throw new Error(`the window answered ${response.status}: ${response.text.slice(0, 200)}`);
    return new URL(response.headers.location);
  }

  /** Goes to the provider, chooses an account (or "none"), and gives the address that the provider sends it to. */
  async choose(url, account = ANA.sub) {
    let address = new URL(url);
    for (let steps = 0; steps < 10; steps += 1) {
      const response = await request(address.href, { headers: { cookie: header(this.provider) } });
      take(this.provider, response.setCookie);
      if (response.status === 200 && /^\/choose\/[^/]+$/.test(address.pathname)) address = new URL(`${address.pathname}/${account}`, address);
      else if (response.headers.location) address = new URL(response.headers.location, address);
      else throw new Error(`the provider answered ${response.status} at ${address.pathname}: ${response.text.slice(0, 400)}`);
      if (address.origin === this.edge.origin) return address;
    }
    throw new Error("the provider goes on for ever");
  }

  /** The whole walk: gives the page that the edge shows at its end. */
  async walk(path, account) {
    const back = await this.choose(await this.setOut(path), account);
    return this.at(back);
  }
}
