//! Bytes of every artefact beside its budget.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::build::{self, Flavour, LOADER, Manifest, RELEASE};
use crate::run::Job;
use crate::{paths, progress, tools};

/// The frame page as the edge fills it.
const FRAME_HTML: &str = "edge/src/pages/frame.html";

/// Largest loader, brotli.
pub const LOADER_BAR: u64 = 1_500;
/// Largest WebAssembly of the widget, brotli.
pub const WIDGET_BAR: u64 = 50_000;
/// Largest WebAssembly of the console, brotli.
pub const CONSOLE_BAR: u64 = 400_000;
/// Largest sum of everything until one can type, brotli.
const TYPING_BAR: u64 = 60_000;
/// Largest WebAssembly of the edge, gzip.
const EDGE_BAR: u64 = 1_500_000;

/// Node's own encoders: brotli's and zlib's reference implementations, as a content network uses them.
const ENCODE: &str = r"
const fs = require('node:fs'), zlib = require('node:zlib'), c = zlib.constants;
const sizes = process.argv.slice(1).map((file) => {
  const bytes = fs.readFileSync(file);
  const params = { [c.BROTLI_PARAM_QUALITY]: 11, [c.BROTLI_PARAM_LGWIN]: 24, [c.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return {
    raw: bytes.length,
    gzip: zlib.gzipSync(bytes, { level: 9 }).length,
    brotli: zlib.brotliCompressSync(bytes, { params }).length,
  };
});
console.log(JSON.stringify(sizes));
";

/// One file's bytes.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub struct Size {
    /// As it is.
    pub raw: u64,
    /// gzip 9.
    pub gzip: u64,
    /// brotli 11, window 24.
    pub brotli: u64,
}

/// One row of the table.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    #[serde(flatten)]
    size: Size,
    /// What is judged, and its largest value.
    budget: Option<Budget>,
}

#[derive(Serialize)]
struct Budget {
    of: &'static str,
    value: u64,
    bar: u64,
    pass: bool,
}

impl Budget {
    fn new(of: &'static str, value: u64, bar: u64) -> Self {
        Self { of, value, bar, pass: value <= bar }
    }
}

/// `cargo xtask sizes`.
pub fn run(as_json: bool) -> Result<bool> {
    let mut steps = tools::missing()?;
    steps.extend(build::all(Flavour::Release));
    progress::run(steps)?;
    let rows = rows()?;
    let pass = rows.iter().all(|row| row.budget.as_ref().is_none_or(|budget| budget.pass));
    if as_json {
        println!("{}", json!({ "rows": rows, "pass": pass }));
    } else {
        println!("{}", table(&rows));
    }
    Ok(pass)
}

/// Measures files.
pub fn measure(files: &[PathBuf]) -> Result<Vec<Size>> {
    let said = Job::new("measuring", "node").args(["-e", ENCODE, "--"]).args(files).quiet()?.stdout;
    serde_json::from_str(&said).context("the encoder wrote no sizes")
}

fn rows() -> Result<Vec<Row>> {
    let manifest = Manifest::read()?;
    let files = [
        paths::at(LOADER),
        paths::at(FRAME_HTML),
        Manifest::file(&manifest.css),
        Manifest::file(&manifest.js),
        Manifest::file(&manifest.wasm),
        Manifest::file(&manifest.more),
        Manifest::file(&manifest.console_wasm),
        paths::at(RELEASE).join("index_bg.wasm"),
    ];
    let sizes: [Size; 8] = measure(&files)?.try_into().ok().context("a size is missing")?;
    let [loader, html, css, glue, widget, more, console, edge] = sizes;
    let typing = [loader, html, css, glue, widget].into_iter().fold(Size::default(), |sum, one| Size {
        raw: sum.raw + one.raw,
        gzip: sum.gzip + one.gzip,
        brotli: sum.brotli + one.brotli,
    });
    let row = |name, size, budget| Row { name, size, budget };
    Ok(vec![
        row("loader", loader, Some(Budget::new("brotli", loader.brotli, LOADER_BAR))),
        row("frame page", html, None),
        row("frame style", css, None),
        row("widget glue", glue, None),
        row("widget wasm", widget, Some(Budget::new("brotli", widget.brotli, WIDGET_BAR))),
        row("until one can type", typing, Some(Budget::new("brotli", typing.brotli, TYPING_BAR))),
        row("rare things", more, None),
        row("console wasm", console, Some(Budget::new("brotli", console.brotli, CONSOLE_BAR))),
        row("edge wasm", edge, Some(Budget::new("gzip", edge.gzip, EDGE_BAR))),
    ])
}

fn table(rows: &[Row]) -> String {
    let mut lines = vec![format!("{:<20}{:>11}{:>11}{:>11}  budget", "", "raw", "gzip 9", "brotli 11")];
    for Row { name, size, budget } in rows {
        let verdict = budget.as_ref().map_or_else(String::new, |Budget { of, bar, pass, .. }| {
            format!("  {} {of} ≤ {}", if *pass { "✓" } else { "✗" }, grouped(*bar))
        });
        let [raw, gzip, brotli] = [size.raw, size.gzip, size.brotli].map(grouped);
        lines.push(format!("{name:<20}{raw:>11}{gzip:>11}{brotli:>11}{verdict}"));
    }
    lines.join("\n")
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1_000, 50_123, 1_234_567].map(grouped), ["0", "999", "1,000", "50,123", "1,234,567"]);
    }
}
