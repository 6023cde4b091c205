// The script that a site owner pastes. It draws a button and, once the visitor reaches for it, an iframe; nothing else
// is asked for before that and nothing is ever stored (E9). All that is private is inside the iframe, of another origin.
//
// Reaching for the button (pointer over it, focus on it) makes the frame, so that it is there when the click comes: it
// loads static files alone and asks the edge for nothing until it is told `open`.
//
// Every visitor of every page loads every byte of this: 1,500 of them at most, after brotli. Hence the short names in
// the styles and one element, one state, no classes but the element's own.
export {};

/** `embed.css`, minified; the build puts it in place (`--define:CSS=…`). */
declare const CSS: string;

type Listener = (detail?: number) => void;
type Command = [name: string, ...rest: unknown[]];
type Globals = { Countersign?: Command[] };
interface Api {
  open(): void;
  close(): void;
  toggle(): void;
  on(event: string, listener: Listener): void;
  push(command: Command): void;
}

const TAG = "countersign-chat";
/** How long the frame may take to say that it is ready before the visitor is told, in milliseconds. */
const PATIENCE = 1e4;

const globals = window as unknown as Globals;
const before = globals.Countersign;
const script = document.currentScript as HTMLScriptElement;

if (!customElements.get(TAG)) {
  const edge = new URL(script.src).origin;
  const listeners: [string, Listener][] = [];
  const emit = (event: string, detail?: number) =>
    listeners.forEach(([name, listener]) => name == event && listener(detail));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);

  /** A new element, the last child of `parent`. */
  const add = <T extends keyof HTMLElementTagNameMap>(parent: Node, tag: T, id: string, text = "") => {
    const element = document.createElement(tag);
    element.id = id;
    element.textContent = text;
    parent.appendChild(element);
    return element;
  };

  class Chat extends HTMLElement {
    #ready = false;
    #frame?: HTMLIFrameElement;
    #panel: HTMLElement;
    #launcher: HTMLButtonElement;
    #badge: HTMLElement;
    #failed: HTMLElement;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "closed" });
      root.adoptedStyleSheets = [sheet];
      this.#panel = add(root, "div", "p");
      this.#failed = add(this.#panel, "p", "", "The chat did not load.");
      add(this.#failed, "button", "", "Try again").onclick = () => this.#load();
      this.#panel.hidden = this.#failed.hidden = true;
      const launcher = (this.#launcher = add(root, "button", "l"));
      launcher.ariaLabel = "Chat";
      launcher.ariaExpanded = "false";
      launcher.onclick = () => this.toggle();
      launcher.onpointerenter = launcher.onfocus = () => this.#warm();
      this.#badge = add(launcher, "span", "b");
      this.onkeydown = ({ key }) => key == "Escape" && this.toggle(false);
      addEventListener("message", (event) => this.#hear(event));
    }

    connectedCallback() {
      if (this.#agent) this.toggle(true);
    }

    /** Set where the chat is drawn in the page's flow, by the owner's own element or by `data-target`. */
    get #agent() {
      return this.getAttribute("agent");
    }

    toggle(open = this.#panel.hidden) {
      if (open != this.#panel.hidden) return;
      const word = open ? "open" : "close";
      this.#panel.hidden = !open;
      this.#launcher.ariaExpanded = `${open}`;
      this.#warm();
      (open ? this.#frame! : this.#launcher).focus();
      this.#say(word);
      emit(word);
    }

    #warm() {
      if (this.#frame) return;
      const frame = (this.#frame = add(this.#panel, "iframe", ""));
      frame.title = "Chat";
      frame.allow =
        "clipboard-write;otp-credentials;publickey-credentials-get;publickey-credentials-create;identity-credentials-get";
      // The node may be taken out and put back (E3): the frame then loads anew and is greeted anew.
      frame.onload = () => this.#say("hello");
      this.#load();
    }

    #load() {
      const agent = this.#agent;
      this.#failed.hidden = true;
      this.#frame!.src = `${edge}/frame/${agent || script.dataset.agent}${agent ? "#inline" : ""}`;
      setTimeout(() => {
        this.#failed.hidden = this.#ready;
        this.#ready || emit("error");
      }, PATIENCE);
    }

    #say(type: string) {
      this.#frame!.contentWindow?.postMessage({ countersign: 1, type }, edge);
    }

    #hear({ origin, source, data }: MessageEvent) {
      if (origin != edge || source != this.#frame?.contentWindow || data?.countersign != 1) return;
      const { type, count } = data;
      if (type == "close") return this.toggle(false);
      if (type == "ready") {
        this.#ready = this.#failed.hidden = true;
        if (!this.#panel.hidden) this.#say("open");
      }
      if (type == "unread") this.#badge.textContent = +count ? count : "";
      if (/^(ready|unread|log(in|out))$/.test(type)) emit(type, count);
    }
  }
  customElements.define(TAG, Chat);

  const { agent, target } = script.dataset;
  const chat = document.createElement(TAG) as Chat;
  if (target) chat.setAttribute("agent", agent!);
  // A page that swaps its body (Turbo, Astro, React) takes the chat out; it comes back, and its conversation with it.
  const attend = () => {
    const { body } = document;
    if (!agent || !body) return;
    if (!chat.isConnected) (target ? document.querySelector(target) : body)?.appendChild(chat);
    watch.observe(body, { childList: true });
  };
  const watch = new MutationObserver(attend);
  watch.observe(document.documentElement, { childList: true });
  addEventListener("DOMContentLoaded", attend);
  attend();

  const api: Api = {
    open: () => (attend(), chat.toggle(true)),
    close: () => chat.toggle(false),
    toggle: () => chat.toggle(),
    on: (event, listener) => void listeners.push([event, listener]),
    push: ([name, ...rest]) => (api as unknown as Record<string, Function>)[name]?.(...rest),
  };
  (globals as { Countersign?: unknown }).Countersign = api;
  before?.forEach(api.push);
}
