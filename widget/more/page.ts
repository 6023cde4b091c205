// What the rare things share: words, elements, dialogs. Text becomes text nodes alone (R43).

/** `more.css`, minified; the build puts it in place (`--define:CSS=…`). */
declare const CSS: string;
const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);
document.adoptedStyleSheets.push(sheet);

const words: Record<string, string> = JSON.parse(byId("texts").textContent!);

export function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** The words of a key, its `{name}`s replaced. */
export const text = (key: string, values: Record<string, string> = {}) =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** What to say of a refusal: what happened and what to do. */
export function said(refusal: any): string {
  if (refusal?.retry_after_s) return text("error_wait", { seconds: refusal.retry_after_s });
  return refusal?.message && refusal.code == "login_refused" ? refusal.message : text(`error_${typeof refusal?.code == "string" ? refusal.code : "network"}`);
}

/** A new element, the last child of `parent`. */
export function add<T extends keyof HTMLElementTagNameMap>(parent: Node, tag: T, content = "", more: Record<string, string> = {}) {
  const element = document.createElement(tag);
  element.textContent = content;
  for (const [name, value] of Object.entries(more)) element.setAttribute(name, value);
  parent.appendChild(element);
  return element;
}

export const button = (parent: Node, content: string, more: Record<string, string> = {}) =>
  add(parent, "button", content, { type: "button", ...more });

/** An open dialog: title, content, what went wrong, buttons, and one that closes it. Closed, it is gone with all it showed. */
export function dialog(id: string, title: string, note = "") {
  byId(id)?.remove();
  // Before the dialog opens: the keyboard goes back to the account's button, and from there it comes back to it.
  byId("account-menu").hidePopover();
  const element = add(document.body, "dialog", "", { id, "aria-labelledby": `${id}-title` });
  add(element, "h2", title, { id: `${id}-title` });
  if (note) add(element, "p", note, { class: "cs-subtitle" });
  const content = add(element, "div", "", { id: `${id}-fields` });
  const error = add(element, "p", "", { id: `${id}-error`, class: "cs-error", role: "alert" });
  const close = button(element, text("dialog_close"), { id: `${id}-close`, class: "cs-primary", autofocus: "" });
  close.onclick = () => element.close();
  element.onclose = () => element.remove();
  element.showModal();
  return { element, content, error, close };
}

/** Does something that cannot be undone at the second press. The second half of a double click is none. */
export function atSecondPress(pressed: HTMLButtonElement, sure: string, first: () => void, act: () => void) {
  const before = pressed.textContent;
  pressed.onclick = ({ detail }) => {
    if (detail > 1) return;
    const isSure = pressed.classList.toggle("cs-sure");
    pressed.textContent = isSure ? sure : before;
    isSure ? first() : act();
  };
}

/** The open card's id: that of its slot in the transcript. */
export const cardId = () => byId("card").parentElement!.id.slice(2);

/** Types into the field for the code, as the visitor would. */
export function typeCode(code: string) {
  const field = byId<HTMLInputElement>("card-code");
  field.value = code;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
