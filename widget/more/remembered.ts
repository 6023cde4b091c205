// What this chat remembers about the person, in a dialog, and making it forget (A1).
import type { Edge } from "../src/client/edge";
import { add, atSecondPress, button, dialog, said, text } from "./page";

export async function remembered(edge: Edge) {
  const { element, content, error, close } = dialog("memory", text("memory_title"), text("memory_note"));
  const erase = button(element, text("memory_erase"), { id: "memory-erase", class: "cs-quiet", hidden: "" });
  const ask = async (path: string, fields?: {}) => {
    try {
      draw((await edge.ask(edge.conversation + path, fields)).fields ?? []);
    } catch (refusal) {
      error.textContent = said(refusal);
    }
  };
  const draw = (fields: { name: string; value?: string }[]) => {
    content.textContent = error.textContent = "";
    erase.hidden = !fields.length;
    if (!fields.length) return void add(content, "p", text("remembers_nothing"));
    const list = add(content, "dl");
    for (const { name, value } of fields) {
      const spaced = name.replaceAll("_", " ");
      add(list, "dt", spaced.charAt(0).toUpperCase() + spaced.slice(1));
      add(list, "dd", value ?? text("remembered_secret"), { dir: "auto" });
    }
  };
  atSecondPress(erase, text("memory_yes"), () => (error.textContent = text("memory_ask")), () => {
    close.focus();
    ask("remembered/erase", {});
  });
  await ask("remembered");
}
