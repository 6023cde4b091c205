//! Ctrl-C ends everything that was started.
//!
//! Every child leads a process group of its own, so that what it started in turn (workerd, Chromium) ends with it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static ENDING: AtomicBool = AtomicBool::new(false);

/// How long a group has between being asked to end and being ended.
const PATIENCE: Duration = Duration::from_secs(4);

/// Answers SIGINT, SIGTERM and SIGHUP from now on.
pub fn prepare() -> Result<()> {
    ctrlc::set_handler(|| {
        ENDING.store(true, Ordering::SeqCst);
        eprintln!("\nending …");
        let groups = std::mem::take(&mut *live());
        for group in &groups {
            tell(*group, Signal::SIGTERM);
        }
        for group in groups {
            outwait(group);
        }
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
}

/// Does not return when everything is being ended: a child that ended because of it is no failure to speak of.
pub fn wait_if_ending() {
    while ENDING.load(Ordering::SeqCst) {
        sleep(PATIENCE);
    }
}

/// Notes a group that was started.
pub fn started(group: u32) {
    live().insert(group.cast_signed());
}

/// Ends whatever is left of a group.
pub fn end(group: u32) {
    let group = group.cast_signed();
    if live().remove(&group) {
        tell(group, Signal::SIGTERM);
        outwait(group);
    }
}

fn live() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell(group: i32, signal: Signal) -> bool {
    killpg(Pid::from_raw(group), signal).is_ok()
}

fn outwait(group: i32) {
    let asked = Instant::now();
    // The leader stays as a zombie until it is waited for; whoever started it does that.
    while asked.elapsed() < PATIENCE && killpg(Pid::from_raw(group), None).is_ok() && !only_zombies(group) {
        sleep(Duration::from_millis(20));
    }
    tell(group, Signal::SIGKILL);
}

/// Whether the group has nobody left but a leader that has ended; where there is no /proc, that is not known.
fn only_zombies(group: i32) -> bool {
    let Ok(entries) = std::fs::read_dir("/proc") else { return false };
    let mut members = entries.flatten().filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    !members.any(|stat| {
        // `pid (name) state ppid pgrp …`; the name may contain blanks and brackets.
        let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        let state = fields.next();
        fields.nth(1).and_then(|pgrp| pgrp.parse().ok()) == Some(group) && state != Some("Z")
    })
}
