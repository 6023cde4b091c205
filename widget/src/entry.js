// The module that the frame page loads. esbuild puts the bindings that wasm-bindgen made (target/widget) into one file; the
// program's address, with its content hash, stands in the page's preload, so neither file has to know the other's name.
import "./client/edge.ts";
import init from "../../target/widget/widget.js";

const byId = (id) => document.getElementById(id);

/** What the visitor pressed before the program ran: it is dimmed, and pressed once it runs, so that nothing is lost. */
let early;
const keep = (event) => {
  const { target, key } = event;
  const sends = key == "Enter" && !event.shiftKey && !event.isComposing && target.id == "composer";
  if (sends) event.preventDefault();
  early ??= sends ? byId("send") : key ? early : target.closest("button");
  if (early) early.parentNode.ariaBusy = true;
};
const on = (attach) => ["click", "keydown"].forEach((kind) => document[`${attach}EventListener`](kind, keep));

on("add");
await init({ module_or_path: byId("wasm").href });
on("remove");
if (early) {
  early.parentNode.ariaBusy = null;
  early.click();
}
