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

type Listener = (detail?: number | string) => void;
type Command = [name: string, ...rest: unknown[]];
type Globals = { Countersign?: Command[] };
interface Api {
  open(): void;
  close(): void;
  toggle(): void;
  identify(token: string | null): void;
  on(event: string, listener: Listener): void;
  push(command: Command): void;
}

const TAG = "countersign-chat";
const TITLE = "Chat";
/** How long the frame may take to say that it is ready before the visitor is told, in milliseconds. */
const PATIENCE = 1e4;

const globals = window as unknown as Globals;
const before = globals.Countersign;
const script = document.currentScript as HTMLScriptElement;

if (!customElements.get(TAG)) {
  const edge = new URL(script.src).origin;
  const { agent, target } = script.dataset;
  const listeners: [string, Listener][] = [];
  const emit = (event: string, detail?: number | string) =>
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
    declare toggle: (open?: boolean) => void;
    declare identify: (token?: string | null) => void;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "closed" });
      root.adoptedStyleSheets = [sheet];
      const panel = add(root, "div", "p");
      const failed = add(panel, "p", "", "The chat did not load.");
      const launcher = add(root, "button", "l");
      const badge = add(launcher, "span", "b");
      let frame: HTMLIFrameElement | undefined;
      let ready = false;
      let said: string | null | undefined;

      const say = (type: string, token?: string) =>
        ready && frame!.contentWindow?.postMessage({ countersign: 1, type, token }, edge);

      /** Tells the frame who the page's user is, once: now or when there is a frame. */
      this.identify = (token = said) => {
        said = token;
        if (ready && token) say("identify", token), (said = null);
      };

      const load = () => {
        const own = this.getAttribute("agent");
        failed.hidden = true;
        // The query tells the edge what the hash tells the frame: no visitor opened this one (R25).
        frame!.src = `${edge}/frame/${own || agent}${own ? "?in#inline" : ""}`;
        setTimeout(() => {
          failed.hidden = ready;
          ready || emit("error");
        }, PATIENCE);
      };

      const draw = () => {
        if (frame) return;
        frame = add(panel, "iframe", "");
        frame.title = TITLE;
        frame.allow =
          "clipboard-write;otp-credentials;publickey-credentials-get;publickey-credentials-create;identity-credentials-get";
        load();
      };

      this.toggle = (open = panel.hidden) => {
        if (open != panel.hidden) return;
        panel.hidden = !open;
        badge.textContent = "";
        launcher.ariaExpanded = `${open}`;
        draw();
        (open ? frame! : launcher).focus();
        const word = open ? "open" : "close";
        say(word);
        emit(word);
      };

      panel.hidden = failed.hidden = true;
      add(failed, "button", "", "Try again").onclick = load;
      launcher.ariaLabel = TITLE;
      launcher.ariaExpanded = "false";
      launcher.onclick = () => this.toggle();
      this.onkeydown = ({ key }) => {
        if (key == "Escape") this.toggle(false);
      };
      addEventListener("message", ({ origin, source, data }) => {
        if (origin != edge || source != frame?.contentWindow || data?.countersign != 1) return;
        const { type, count, code } = data;
        if (type == "close") return this.toggle(false);
        // Again after the node was taken out and put back (E3): the frame has loaded anew.
        if (type == "ready") {
          ready = failed.hidden = true;
          this.identify();
          if (!panel.hidden) say("open");
        }
        if (type == "unread") badge.textContent = +count ? count : "";
        // Whatever else the frame says is for the owner's own script: `ready`, `unread`, `login`, `logout`, `error`.
        emit(type, code || count);
      });
    }

    /** With an agent of its own it is drawn in the page's flow: the owner's element, or the one for `data-target`. */
    connectedCallback() {
      if (this.hasAttribute("agent")) this.toggle(true);
    }
  }
  customElements.define(TAG, Chat);

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
    identify: (token) => chat.identify(token),
    on: (event, listener) => void listeners.push([event, listener]),
    push: ([name, ...rest]) => (api as unknown as Record<string, Function>)[name](...rest),
  };
  (globals as { Countersign?: unknown }).Countersign = api;
  before?.forEach(api.push);
}
