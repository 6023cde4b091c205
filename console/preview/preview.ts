// Stands in for the edge inside the preview's page: the widget there is the visitors' own, to the byte, and this script, which
// runs before it, answers its requests and speaks for its socket from memory. What to show comes from the console over one
// message port, as the settings stand in its fields, saved or not.
//
// The page is sandboxed without its origin and its policy lets it load the widget's own files and nothing else: what is posted
// here cannot leave it, and no cookie is sent or set (`docs/decisions/0021-preview.md`).
import { frames, opening, refusalOf, refusedAt, reply } from "./scene";
import type { Card, Draft, Entry } from "./scene";
import { forceScheme } from "./scheme";

const CONVERSATION = "AAAAAAAAAAAAAAAAAAAAAA";
/** Where the page's origin would stand; the sandbox has taken it away. */
const { origin } = new URL(location.href);

/** What the card says in the page's language while its words are our English ones. */
const ours: Record<string, string> = JSON.parse(document.getElementById("ours")!.textContent!);

let draft: Draft | undefined;
let seq = 0;
let socket: Socket | undefined;
/** What the visitor would have done on this page by now. */
let state = "unidentified";
let shown: Card | undefined;

let visits = 0;

let begun: (draft: Draft) => void;
const first = new Promise<Draft>((done) => (begun = done));

const number = (entry: Entry) => ({ seq: (seq += 1), at: new Date().toISOString(), ...entry });

/** Tells the widget, as the edge would. */
function tell(...entries: Entry[]) {
  for (const entry of entries) {
    if (entry.type == "state") state = entry.state as string;
    if (entry.type == "card") shown = entry.card as Card;
    socket?.say(number(entry));
  }
}

/** A WebSocket that goes nowhere. */
class Socket extends EventTarget {
  readyState = 0;
  onmessage?: (event: MessageEvent) => void;
  onclose?: (event: CloseEvent) => void;

  constructor() {
    super();
    socket = this;
    queueMicrotask(() => {
      this.readyState = 1;
      this.say({ type: "ready", seq });
      if (draft?.state == "offline") this.close();
      else opening(draft!).forEach((live) => this.say(live));
    });
  }

  say(frame: unknown) {
    if (this.readyState == 1) this.onmessage?.(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }

  send(text: string) {
    if (text == "ping") return;
    const said = JSON.parse(text);
    if (said.type == "message") {
      const message = number({ type: "message", id: said.id, text: said.text });
      this.say(message);
      this.say({ type: "ack", id: said.id, seq: message.seq });
      tell(reply(seq));
    }
    if (said.type == "confirm") tell(...frames({ ...draft!, state: said.accepted ? "confirmed" : "declined" }).slice(-1));
  }

  close() {
    if (this.readyState > 1) return;
    this.readyState = 3;
    if (socket == this) socket = undefined;
    queueMicrotask(() => this.onclose?.(new CloseEvent("close", { code: 1000 })));
  }
}

const cardOf = (entries: Entry[]) => entries.findLast(({ type }) => type == "card")?.card as Card | undefined;

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

/** The edge's answers, as far as the widget needs any to show what it shows. */
function answer(path: string): Response {
  const draft_ = draft!;
  if (path.endsWith("/visit")) {
    visits += 1;
    if (visits == 1) {
      const entries = frames(draft_);
      state = draft_.state == "offline" ? state : (entries.findLast(({ type }) => type == "state")?.state as string) ?? state;
      shown = cardOf(entries);
      const listed = entries.map(number);
      return json({ ...visited(), frames: listed });
    }
    return json({ ...visited(), frames: [] });
  }
  if (path.endsWith("/login/start") && shown) {
    if (refusedAt(draft_, "start")) return json(refusalOf(draft_), 422);
    const sent = frames({ ...draft_, state: draft_.card.methods[0] == "phone_code" ? "code_phone" : "code" });
    shown = { ...shown, step: cardOf(sent)!.step };
    return json({ card: shown });
  }
  if (path.endsWith("/login/cancel") && shown) {
    tell({ type: "card", card: { ...shown, step: { at: "cancelled" } } }, { type: "state", state: "unidentified" });
    return json({});
  }
  if (/\/login\/(verify|match|action)$/.test(path) && shown) {
    if (refusedAt(draft_, "verify")) return json(refusalOf(draft_), 422);
    const card = { ...shown, step: { at: "done" } };
    state = "authenticated";
    setTimeout(() => tell({ type: "card", card }, ...frames({ ...draft_, state: "signed_in" }).slice(-3)));
    return json({ card });
  }
  if (path.endsWith("/logout")) return json({});
  return json({ code: "unavailable", message: "" }, 503);
}

function visited() {
  const conversation = `${document.body.dataset.agent}.${CONVERSATION}`;
  const label = state == "authenticated" ? { label: "ana@example.com" } : {};
  return { conversation, state, now: new Date().toISOString(), ...label };
}

const load = window.fetch.bind(window);
window.fetch = async (input, init) => {
  const address = new URL(input instanceof Request ? input.url : input, location.href);
  if (address.pathname.startsWith("/a/")) return load(input, init);
  await first;
  if (draft!.state == "offline" && visits > 0) throw new TypeError("offline");
  return answer(address.pathname);
};
(window as any).WebSocket = Socket;
window.open = () => null;
// The widget tries whether a cookie stays. Here it does, and none is set.
Object.defineProperty(document, "cookie", { get: () => "__Host-cs_control=1", set() {} });

// The keyboard belongs to whoever types in the console beside this page.
const { focus } = HTMLElement.prototype;
HTMLElement.prototype.focus = function (options) {
  if (document.hasFocus()) focus.call(this, options);
};

/** Shows what of the draft stands in the page itself; the answer is there when the scheme is. */
function dress({ look, name, greeting, suggested, card, lang, scheme }: Draft): Promise<void> {
  const { documentElement: root } = document;
  root.style.setProperty("--accent", look.accent);
  root.style.setProperty("--accent-ink", look.ink);
  root.style.setProperty("--radius", `${look.radius}px`);
  document.title = name;
  document.querySelector("h1")!.textContent = name;
  document.querySelector(".cs-greeting")!.textContent = greeting;
  const list = document.querySelector(".cs-suggested")!;
  if ([...list.children].map((one) => one.textContent).join("\n") != suggested.join("\n")) {
    list.replaceChildren(...suggested.map((question) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "cs-suggest", textContent: question });
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
  }
  // The owner's words may be in another language than the page's, and run the other way.
  for (const own of document.querySelectorAll<HTMLElement>("h1, .cs-greeting, .cs-suggest, #card-title, #card-subtitle")) {
    const text = own.id == "card-title" ? card.title : own.id == "card-subtitle" ? card.subtitle : "";
    own.lang = Object.values(ours).includes(text) ? root.lang : lang;
    own.dir = "auto";
  }
  return forceScheme(scheme);
}

/** As a finger would, until the widget is there and begins: the keyboard stays where it is. */
function touch() {
  if (visits > 0) return;
  document.dispatchEvent(new Event("pointerdown"));
  setTimeout(touch, 16);
}

/** What cannot change under a card that is open: another scene begins with another page. */
const scene = ({ state, card: { title, subtitle, ...rest }, loaded }: Draft) => JSON.stringify([state, rest, loaded]);

function hear(next: Draft) {
  if (draft && scene(draft) != scene(next)) return location.reload();
  const again = draft;
  draft = next;
  const dressed = dress(next);
  if (!again) {
    begun(next);
    touch();
    dressed.then(() => {
      document.documentElement.style.visibility = "";
      act(next);
      toConsole.postMessage(next.state);
    });
  } else if (shown && (next.card.title != again.card.title || next.card.subtitle != again.card.subtitle)) {
    const { title, subtitle } = next.card;
    tell({ type: "card", card: { ...shown, title, subtitle } });
  }
}

/** Does what a visitor would do to bring about a refusal: the words of it are the widget's own. */
async function act(draft: Draft) {
  const where = refusedAt(draft, "start") ? ["card-address", "card-email"] : refusedAt(draft, "verify") ? ["card-proof", "card-code"] : [];
  const [form, field] = where.map((id) => document.getElementById(id));
  if (!form || !field) return;
  while (!field.checkVisibility()) await new Promise(requestAnimationFrame);
  (field as HTMLInputElement).value = form.id == "card-proof" ? "1".repeat(draft.card.digits) : "nobody@example.com";
  (form as HTMLFormElement).requestSubmit();
}

// Drafts come in, the name of each scene that stands goes out.
const { port1: toConsole, port2: toUs } = new MessageChannel();
document.documentElement.style.visibility = "hidden";
addEventListener("DOMContentLoaded", () => {
  toConsole.onmessage = ({ data }: MessageEvent<Draft>) => {
    const { title, subtitle } = data.card;
    hear({ ...data, card: { ...data.card, title: ours[title] ?? title, subtitle: ours[subtitle] ?? subtitle } });
  };
  parent.postMessage({ preview: 1 }, origin, [toUs]);
});
