// The module that the frame page loads. esbuild puts the bindings that wasm-bindgen made (target/widget) into one file; the
// program's address, with its content hash, stands in the page's preload, so neither file has to know the other's name.
import "./client/edge.ts";
import init from "../../target/widget/widget.js";

const byId = (id) => document.getElementById(id);

/** What the visitor pressed before the program ran: it is dimmed, and pressed once it runs, so that nothing is lost. */
let early;
const press = ({ target }) => {
  early ??= target.closest("button");
  if (early) early.parentNode.ariaBusy = true;
};
const enter = (event) => {
  if (event.key != "Enter" || event.shiftKey || event.isComposing || event.target.id != "composer") return;
  event.preventDefault();
  byId("send").click();
};

document.addEventListener("click", press);
document.addEventListener("keydown", enter);
await init({ module_or_path: byId("wasm").href });
document.removeEventListener("click", press);
document.removeEventListener("keydown", enter);
if (early) {
  early.parentNode.ariaBusy = null;
  early.click();
}
