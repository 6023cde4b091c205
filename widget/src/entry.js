// The module that the frame page loads. esbuild puts the bindings that wasm-bindgen made (target/widget) into one file; the
// program's address, with its content hash, stands in the page's preload, so neither file has to know the other's name.
import "./client/edge.ts";
import init from "../../target/widget/widget.js";

init({ module_or_path: document.getElementById("wasm").href });
