//! Figures that are promised, each with its bar and the way to take it.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::build::{self, Flavour, LOADER, Manifest};
use crate::run::Job;
use crate::sizes::{self, CONSOLE_BAR, LOADER_BAR, WIDGET_BAR};
use crate::{paths, progress, tools};

/// A folder that is kept in memory, on Linux.
const MEMORY: &str = "/dev/shm";

/// The figure that needs a tool of its own.
const SCHEMATHESIS: &str = "schemathesis_failures";

struct Figure {
    name: &'static str,
    unit: &'static str,
    bar: Bar,
    how: How,
}

enum Bar {
    AtMost(u64),
    Exactly(u64),
    /// A real number.
    AtMostReal(f64),
    /// Likewise, and less.
    Below(f64),
    /// A real number that is told and held to nothing: it depends on the machine.
    Told,
}

enum How {
    /// Bytes of a file of the release build, brotli.
    Loader,
    /// The same of the widget's WebAssembly.
    WidgetWasm,
    /// The same of the console's.
    ConsoleWasm,
    /// `tests/figures/NAME.mjs` against the development edge; its last line is `{"value":…,"detail":…}`.
    Script,
}

const FIGURES: &[Figure] = &[
    Figure { name: "loader_brotli_bytes", unit: "bytes", bar: Bar::AtMost(LOADER_BAR), how: How::Loader },
    Figure { name: "widget_wasm_brotli_bytes", unit: "bytes", bar: Bar::AtMost(WIDGET_BAR), how: How::WidgetWasm },
    Figure { name: "console_wasm_brotli_bytes", unit: "bytes", bar: Bar::AtMost(CONSOLE_BAR), how: How::ConsoleWasm },
    Figure { name: "otp_race_evaluated", unit: "guesses", bar: Bar::Exactly(5), how: How::Script },
    Figure { name: "otp_race_sessions", unit: "sessions", bar: Bar::Exactly(1), how: How::Script },
    Figure { name: "kill9_messages_lost", unit: "messages", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "template_values_broken", unit: "values", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "canary_leaks", unit: "leaks", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "hostile_model_foreign", unit: "breaches", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "login_answers_open", unit: "answers", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "refresh_concurrent", unit: "refreshes", bar: Bar::Exactly(1), how: How::Script },
    Figure { name: "action_effects_repeated", unit: "effects", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "token_forgeries_accepted", unit: "tokens", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "rotation_signouts", unit: "people", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "session_traces_wrong", unit: "visits", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "sms_over_cap", unit: "messages", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "lookup_hit_miss_accuracy", unit: "share", bar: Bar::AtMostReal(0.52), how: How::Script },
    Figure { name: "enumeration_t", unit: "|t|", bar: Bar::Below(4.5), how: How::Script },
    Figure { name: "guesses_30_days", unit: "guesses", bar: Bar::AtMost(750), how: How::Script },
    Figure { name: "csv_import_seconds", unit: "seconds", bar: Bar::AtMost(60), how: How::Script },
    Figure { name: "console_first_paint_ratio", unit: "ratio", bar: Bar::Told, how: How::Script },
    Figure { name: "admin_matrix_wrong", unit: "cells", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: SCHEMATHESIS, unit: "failures", bar: Bar::Exactly(0), how: How::Script },
    Figure { name: "model_faults_hung", unit: "turns", bar: Bar::Exactly(0), how: How::Script },
];

impl Bar {
    /// A value that is no whole number meets no bar of whole numbers.
    fn met(&self, value: &Value) -> bool {
        let (whole, real) = (value.as_u64(), value.as_f64());
        match self {
            Self::AtMost(bar) => whole.is_some_and(|value| value <= *bar),
            Self::Exactly(bar) => whole == Some(*bar),
            Self::AtMostReal(bar) => real.is_some_and(|value| value <= *bar),
            Self::Below(bar) => real.is_some_and(|value| value < *bar),
            Self::Told => real.is_some(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::AtMost(bar) => format!("<= {bar}"),
            Self::Exactly(bar) => format!("= {bar}"),
            Self::AtMostReal(bar) => format!("<= {bar}"),
            Self::Below(bar) => format!("< {bar}"),
            Self::Told => "-".to_owned(),
        }
    }
}

/// `cargo xtask figures`.
pub fn list() {
    for figure in FIGURES {
        let how = match figure.how {
            How::Loader | How::WidgetWasm | How::ConsoleWasm => "release build, brotli 11, window 24".to_owned(),
            How::Script => format!("tests/figures/{}.mjs", figure.name),
        };
        println!("{:<26} {:>8} {:<10} {how}", figure.name, figure.bar.text(), figure.unit);
    }
}

/// `cargo xtask figure NAME`: one line of JSON on stdout. What cannot be taken has the value null and does not pass.
pub fn run(name: &str) -> Result<bool> {
    let figure = FIGURES.iter().find(|figure| figure.name == name);
    let figure = figure.with_context(|| format!("there is no figure `{name}`; `cargo xtask figures` lists them"))?;
    let (value, detail) = take(figure).unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        (Value::Null, json!(format!("not taken: {error:#}")))
    });
    let pass = figure.bar.met(&value);
    let line = json!({
        "name": figure.name, "value": value, "unit": figure.unit,
        "bar": figure.bar.text(), "pass": pass, "detail": detail,
    });
    println!("{line}");
    Ok(pass)
}

fn take(figure: &Figure) -> Result<(Value, Value)> {
    let mut steps = tools::missing()?;
    match figure.how {
        How::Loader | How::WidgetWasm | How::ConsoleWasm => {
            steps.extend(build::pages(Flavour::Release));
            progress::run(steps)?;
            let file = match figure.how {
                How::Loader => paths::at(LOADER),
                How::ConsoleWasm => Manifest::file(&Manifest::read()?.console_wasm),
                How::WidgetWasm | How::Script => Manifest::file(&Manifest::read()?.wasm),
            };
            let size =
                sizes::measure(std::slice::from_ref(&file))?.first().copied().context("the encoder wrote no size")?;
            Ok((json!(size.brotli), json!({ "file": paths::shown(&file), "raw": size.raw, "gzip": size.gzip })))
        }
        How::Script => {
            steps.extend(build::all(Flavour::Dev));
            if figure.name == SCHEMATHESIS {
                steps.extend(tools::schemathesis());
            }
            progress::run(steps)?;
            let script = format!("tests/figures/{}.mjs", figure.name);
            anyhow::ensure!(paths::at(&script).is_file(), "{script} is missing");
            let mut job = Job::new(&script, "node").arg(&script);
            // Tens of thousands of small databases: in memory, where the machine has room there.
            if Path::new(MEMORY).is_dir() && std::env::var_os("TMPDIR").is_none() {
                job = job.envs(&[("TMPDIR", MEMORY)]);
            }
            let output = job.listen(|_| {})?;
            let last = output.stdout.lines().rfind(|line| !line.trim().is_empty());
            let said: Value = last
                .and_then(|line| serde_json::from_str(line).ok())
                .with_context(|| format!("{script} did not end with a line of JSON"))?;
            anyhow::ensure!(output.success(), "{script} failed");
            let part = |name: &str| said.get(name).cloned().unwrap_or_default();
            Ok((part("value"), part("detail")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Bar;

    #[test]
    fn a_figure_that_was_not_taken_meets_no_bar() {
        for bar in [Bar::AtMost(1_500), Bar::Exactly(0)] {
            assert!(!bar.met(&Value::Null) && !bar.met(&json!("0")) && !bar.met(&json!(0.5)));
        }
        for bar in [Bar::AtMostReal(0.52), Bar::Below(4.5), Bar::Told] {
            assert!(!bar.met(&Value::Null) && !bar.met(&json!("0")) && bar.met(&json!(0.5)) && bar.met(&json!(0)));
        }
    }

    #[test]
    fn bars_hold_at_their_edge() {
        assert!(Bar::AtMost(1_500).met(&json!(1_500)) && !Bar::AtMost(1_500).met(&json!(1_501)));
        assert!(Bar::AtMostReal(0.52).met(&json!(0.52)) && !Bar::AtMostReal(0.52).met(&json!(0.5201)));
        assert!(Bar::Below(4.5).met(&json!(4.499)) && !Bar::Below(4.5).met(&json!(4.5)));
        assert!(Bar::Exactly(5).met(&json!(5)) && !Bar::Exactly(5).met(&json!(4)));
    }
}
