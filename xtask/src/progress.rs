//! Numbered steps with their times, on stderr.

use std::time::{Duration, Instant};

use anyhow::Result;

/// One piece of work with a name.
pub struct Step<'a> {
    name: String,
    expect: Option<String>,
    work: Box<dyn FnOnce() -> Result<Done> + 'a>,
}

/// What became of a step that did not fail.
pub enum Done {
    /// It was carried out.
    Worked,
    /// Its inputs and outputs are what they were the last time.
    Unchanged,
}

impl<'a> Step<'a> {
    /// Work that is always carried out.
    pub fn new(name: impl Into<String>, work: impl FnOnce() -> Result<()> + 'a) -> Self {
        Self { name: name.into(), expect: None, work: Box::new(|| work().map(|()| Done::Worked)) }
    }

    /// Work that may find that there is nothing to do.
    pub fn maybe(name: impl Into<String>, work: impl FnOnce() -> Result<Done> + 'a) -> Self {
        Self { name: name.into(), expect: None, work: Box::new(work) }
    }

    /// Says beforehand how long it may take.
    #[must_use]
    pub fn expect(mut self, expect: impl Into<String>) -> Self {
        self.expect = Some(expect.into());
        self
    }
}

/// Carries out the steps in order and stops at the first that fails.
pub fn run(steps: Vec<Step<'_>>) -> Result<()> {
    let all = steps.len();
    for (index, step) in steps.into_iter().enumerate() {
        let number = index + 1;
        let expect = step.expect.map(|expect| format!(" ({expect})")).unwrap_or_default();
        eprintln!("[{number}/{all}] {} …{expect}", step.name);
        let begun = Instant::now();
        let done = (step.work)()?;
        let time = seconds(begun.elapsed());
        match done {
            Done::Worked => eprintln!("[{number}/{all}] {} ✓ {time}", step.name),
            Done::Unchanged => eprintln!("[{number}/{all}] {} ✓ unchanged, {time}", step.name),
        }
    }
    Ok(())
}

/// `0.4 s`, `12.0 s`, `3 min 20 s`.
pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 100 { format!("{:.1} s", time.as_secs_f64()) } else { format!("{} min {} s", whole / 60, whole % 60) }
}
