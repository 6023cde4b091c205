// The person's own account: where they are signed in, how they sign in, their passkeys.
import type { Edge } from "../src/client/edge";
import { makes } from "./passkey";
import { add, atSecondPress, button, byId, dialog, said, text } from "./page";

interface Device { id: string; label: string; since: string; seen: string; here?: boolean }
interface Proof { id: string; method: string; label: string; since: string; first?: boolean }

const when = (time: string) =>
  new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));

export async function account(edge: Edge) {
  const { element, content, error, close } = dialog("account-dialog", text("account_dialog"));
  const status = add(content, "p", "", { role: "status", class: "cs-sr" });
  const devices = section("devices_title", "account-devices");
  const proofs = section("proofs_title", "account-proofs");
  const make = button(element, text("passkey_add"), { id: "passkey-add", class: "cs-quiet", hidden: "" });
  const waiting = add(element, "p", "", { id: "passkey-waiting", role: "status" });
  content.after(make, waiting);

  function section(title: string, id: string) {
    add(content, "h3", text(title), { id: `${id}-title` });
    return add(content, "ul", "", { id, "aria-labelledby": `${id}-title` });
  }

  /** Asks for something and draws what the account is after it; `done` is what to say. */
  async function change(path: string, fields: {} | undefined, done: string) {
    error.textContent = status.textContent = "";
    try {
      if (fields) await edge.ask(`${edge.conversation}account/${path}`, fields);
      await draw();
      status.textContent = done;
    } catch (refusal) {
      error.textContent = said(refusal);
    }
  }

  async function draw() {
    const account = await edge.ask(`${edge.conversation}account`);
    const inside = element.contains(document.activeElement);
    devices.textContent = proofs.textContent = "";
    account.devices.forEach(drawDevice);
    account.proofs.forEach(drawProof);
    if (!account.proofs.length) add(proofs, "li", text("proofs_none"));
    make.hidden = !account.passkeys || !("PublicKeyCredential" in window);
    // The button that was pressed is gone with its row.
    if (inside && !element.contains(document.activeElement)) close.focus();
  }

  function row(list: HTMLElement, label: string, lines: string[]) {
    const item = add(list, "li");
    const words = add(item, "div");
    const name = add(words, "span", label, { dir: "auto" });
    for (const line of lines) add(words, "small", line);
    return { item, name };
  }

  function drawDevice({ id, label, since, seen, here }: Device) {
    const lines = [text("device_since", { time: when(since) }), here ? text("device_here") : text("device_seen", { time: when(seen) })];
    const { item } = row(devices, label, lines);
    const out = button(item, text("device_out"), { "aria-label": text("device_out_of", { label }), "data-device": id });
    out.onclick = () => {
      if (!here) return change("revoke", { id }, text("device_is_out", { label }));
      element.close();
      byId("signout").click();
    };
  }

  function drawProof({ id, label, since, first }: Proof) {
    const { item } = row(proofs, label, [text("proof_since", { time: when(since) })]);
    if (first) return;
    const remove = button(item, text("proof_remove"), { "aria-label": text("proof_remove_of", { label }), "data-proof": id });
    atSecondPress(remove, text("proof_yes"), () => {
      remove.ariaLabel = text("proof_yes_of", { label });
    }, () => change("unlink", { id }, text("proof_is_gone", { label })));
  }

  makes(edge, make, () => !element.isConnected, (words, wrong) => {
    error.textContent = wrong ? words : "";
    waiting.textContent = wrong ? "" : words;
  }, async () => {
    await draw();
    status.textContent = text("passkey_added");
  });
  await change("", undefined, "");
}
