//! What browsers fetch: files whose names say their content, the headers they are served with, and the list of names
//! that the edge is compiled with.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::build::{Flavour, WASM, console};
use crate::progress::Step;
use crate::run::Job;
use crate::{paths, stamp};

/// The folder that is uploaded.
const ASSETS: &str = "dist/assets";
/// The list; the edge includes it at compile time.
const MANIFEST: &str = "dist/assets.json";
/// Files that never change under their name.
const HASHED: &str = "dist/assets/a";
const FRAME_CSS: &str = "edge/src/pages/frame.css";

/// Cloudflare's file of response headers. Pages of any site embed these files, and nothing in them is secret.
const HEADERS: &str = "\
/a/*
  cache-control: public, max-age=31536000, immutable
  access-control-allow-origin: *
  cross-origin-resource-policy: cross-origin
  x-content-type-options: nosniff

/embed.js
  cache-control: public, max-age=300
  access-control-allow-origin: *
  cross-origin-resource-policy: cross-origin
  x-content-type-options: nosniff
";

/// Addresses of what the widget's and the console's pages load.
#[derive(Serialize, Deserialize)]
pub struct Manifest {
    /// Entry module with the glue.
    #[serde(rename = "widget_js")]
    pub js: String,
    /// The WebAssembly.
    #[serde(rename = "widget_wasm")]
    pub wasm: String,
    /// The frame page's style.
    #[serde(rename = "widget_css")]
    pub css: String,
    /// What is loaded when it is needed first: accounts, passkeys, other windows.
    #[serde(rename = "widget_more")]
    pub more: String,
    /// The script of the window for passkeys.
    #[serde(rename = "passkey_window")]
    pub window: String,
    /// What stands in for the edge in the console's preview.
    #[serde(rename = "console_preview")]
    pub preview: String,
    /// The console's script.
    pub console_js: String,
    /// The console's WebAssembly.
    pub console_wasm: String,
    /// The console's style.
    pub console_css: String,
}

impl Manifest {
    /// The list as the last build wrote it.
    pub fn read() -> Result<Self> {
        let text = fs::read_to_string(paths::at(MANIFEST)).with_context(|| format!("cannot read {MANIFEST}"))?;
        serde_json::from_str(&text).with_context(|| format!("{MANIFEST} is not what a build writes"))
    }

    /// Where the file of an address lies.
    pub fn file(address: &str) -> PathBuf {
        paths::at(ASSETS).join(address.trim_start_matches('/'))
    }
}

/// Writes all of it. It takes less than asking whether something changed.
pub fn step(flavour: Flavour) -> Step<'static> {
    Step::new("assets", move || build(flavour))
}

fn build(flavour: Flavour) -> Result<()> {
    let esbuild =
        |what: &str| Job::npm_bin(format!("esbuild of {what}"), "esbuild").args(["--minify", "--log-level=warning"]);
    esbuild("the widget's entry")
        .args(["widget/src/entry.js", "--bundle", "--format=esm", "--target=es2022", "--charset=utf8"])
        .args(["--legal-comments=none", "--outfile=target/widget/entry.js"])
        .quiet()?;
    esbuild("the frame's style").args([FRAME_CSS, "--target=es2020", "--outfile=target/widget/frame.css"]).quiet()?;
    let style = esbuild("the style of rare things").args(["widget/more/more.css", "--target=es2020"]).quiet()?.stdout;
    esbuild("the widget's rare things")
        .args(["widget/more/more.ts", "--bundle", "--format=esm", "--target=es2022", "--charset=utf8"])
        .arg(format!("--define:CSS={}", json!(style.trim())))
        .args(["--legal-comments=none", "--outfile=target/widget/more.js"])
        .quiet()?;
    esbuild("the script of the window for passkeys")
        .args(["widget/more/window.ts", "--bundle", "--format=esm", "--target=es2022", "--charset=utf8"])
        .args(["--legal-comments=none", "--outfile=target/widget/window.js"])
        .quiet()?;
    esbuild("the preview's stand-in for the edge")
        .args(["console/preview/preview.ts", "--bundle", "--format=iife", "--target=es2022", "--charset=utf8"])
        .args(["--legal-comments=none", "--outfile=target/widget/preview.js"])
        .quiet()?;
    let manifest = Manifest {
        js: place("target/widget/entry.js", "widget", "js")?,
        wasm: place(WASM, "widget", "wasm")?,
        css: place("target/widget/frame.css", "frame", "css")?,
        more: place("target/widget/more.js", "more", "js")?,
        window: place("target/widget/window.js", "window", "js")?,
        preview: place("target/widget/preview.js", "preview", "js")?,
        console_js: place(&console::entry(flavour), "console", "js")?,
        console_wasm: place(&console::wasm(flavour), "console", "wasm")?,
        console_css: place(&console::style(flavour), "console", "css")?,
    };
    remove_others(&manifest)?;
    stamp::write(&paths::at(ASSETS).join("_headers"), HEADERS.as_bytes())?;
    let text = format!("{}\n", serde_json::to_string_pretty(&manifest)?);
    stamp::write(&paths::at(MANIFEST), text.as_bytes())
}

/// Puts a file under a name that says its content, and returns its address.
fn place(source: &str, name: &str, ending: &str) -> Result<String> {
    let bytes = fs::read(paths::at(source)).with_context(|| format!("cannot read {source}"))?;
    let address = format!("/a/{name}-{}.{ending}", stamp::short(&bytes));
    stamp::write(&Manifest::file(&address), &bytes)?;
    Ok(address)
}

fn remove_others(manifest: &Manifest) -> Result<()> {
    let Manifest { js, wasm, css, more, window, preview, console_js, console_wasm, console_css } = manifest;
    let kept = [js, wasm, css, more, window, preview, console_js, console_wasm, console_css]
        .map(|address| Manifest::file(address));
    for file in stamp::files(&paths::at(HASHED))? {
        if !kept.contains(&file) {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    Ok(())
}
