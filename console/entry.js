// The module that the console's page loads. esbuild puts the bindings that wasm-bindgen made (`glue`: target/console, or
// target/console-dev) into one file; the program's address stands in the page, so neither file has to know the other's name.
import init from "glue";

init({ module_or_path: document.querySelector("script[data-wasm]").dataset.wasm });
