//! Children: their output streamed, or kept and shown in full when they fail; never silent for more than ten seconds.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::progress::seconds;
use crate::{paths, stop, tools};

/// After this long without a line, what is going on is said.
const SILENCE: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(100);

/// A child to be started in the repository's folder.
pub struct Job {
    what: String,
    command: Command,
    limit: Option<Duration>,
}

/// What a child left behind.
pub struct Output {
    /// How it ended; nothing when it was ended for taking too long.
    pub status: Option<ExitStatus>,
    /// What it wrote to stdout.
    pub stdout: String,
    /// Both streams as they came.
    pub all: String,
}

enum Line {
    Out(String),
    Err(String),
}

impl Job {
    /// `what` is how messages call it.
    pub fn new(what: impl Into<String>, program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(paths::root()).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            // What `cargo run` says about xtask must not reach another cargo.
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
                command.env_remove(name);
            }
        }
        if std::io::stderr().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        command
            .env("PATH", tools::search_path())
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_HIDE_BANNER", "true")
            .env("WRANGLER_LOG_PATH", paths::target().join("xtask/wrangler"))
            .env("NO_UPDATE_NOTIFIER", "1")
            // Miniflare would ask Cloudflare where this machine is.
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
        Self { what: what.into(), command, limit: None }
    }

    /// The cargo that runs this.
    pub fn cargo(what: impl Into<String>) -> Self {
        Self::new(what, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// A tool that npm installed.
    pub fn npm_bin(what: impl Into<String>, name: &str) -> Self {
        Self::new(what, paths::npm_bin(name))
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets variables.
    #[must_use]
    pub fn envs(mut self, variables: &[(&str, &str)]) -> Self {
        self.command.envs(variables.iter().copied());
        self
    }

    /// Starts it in another folder.
    #[must_use]
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Ends it when it takes longer.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs it quietly; a failure carries everything that it wrote.
    pub fn quiet(self) -> Result<Output> {
        let what = self.what.clone();
        let output = self.watch(|_| {}, false)?;
        if output.success() {
            return Ok(output);
        }
        bail!("{what} failed ({}):\n{}", output.ending(), output.all.trim_end())
    }

    /// Runs it quietly; the caller judges how it ended.
    pub fn output(self) -> Result<Output> {
        self.watch(|_| {}, false)
    }

    /// Runs it with its output on stderr.
    pub fn stream(self) -> Result<()> {
        let what = self.what.clone();
        let output = self.watch(|_| {}, true)?;
        if output.success() { Ok(()) } else { bail!("{what} failed ({})", output.ending()) }
    }

    /// Runs it with its output on stderr and shows every line to `each`; the caller judges how it ended.
    pub fn listen(self, each: impl FnMut(&str)) -> Result<Output> {
        self.watch(each, true)
    }

    /// Starts it and leaves it running; its output goes to stderr.
    pub fn spawn(mut self) -> Result<Running> {
        let (child, lines) = self.start()?;
        thread::spawn(move || {
            for line in lines {
                let (Line::Out(line) | Line::Err(line)) = line;
                eprintln!("{line}");
            }
        });
        Ok(Running { child })
    }

    fn start(&mut self) -> Result<(Child, Receiver<Line>)> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = self
            .command
            .spawn()
            .with_context(|| format!("{}: cannot start {}", self.what, self.command.get_program().display()))?;
        stop::started(child.id());
        let (sender, receiver) = mpsc::channel();
        if let Some(out) = child.stdout.take() {
            read(out, sender.clone(), Line::Out);
        }
        if let Some(err) = child.stderr.take() {
            read(err, sender, Line::Err);
        }
        Ok((child, receiver))
    }

    fn watch(self, each: impl FnMut(&str), shown: bool) -> Result<Output> {
        let output = self.follow(each, shown);
        stop::wait_if_ending();
        output
    }

    fn follow(mut self, mut each: impl FnMut(&str), shown: bool) -> Result<Output> {
        let begun = Instant::now();
        let (child, lines) = self.start()?;
        let mut running = Running { child };
        let mut output = Output { status: None, stdout: String::new(), all: String::new() };
        let mut spoken = Instant::now();
        loop {
            match lines.recv_timeout(TICK) {
                Ok(line) => {
                    let (Line::Out(text) | Line::Err(text)) = &line;
                    each(text);
                    output.all.push_str(text);
                    output.all.push('\n');
                    if shown {
                        eprintln!("{text}");
                        spoken = Instant::now();
                    }
                    if let Line::Out(text) = &line {
                        output.stdout.push_str(text);
                        output.stdout.push('\n');
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    output.status = Some(running.child.wait()?);
                    return Ok(output);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            // A grandchild may hold the pipes open after the child has ended.
            if let Some(status) = running.child.try_wait()? {
                output.status = Some(status);
                return Ok(output);
            }
            if self.limit.is_some_and(|limit| begun.elapsed() > limit) {
                return Ok(output);
            }
            if spoken.elapsed() > SILENCE {
                eprintln!("      … {}, {}", self.what, seconds(begun.elapsed()));
                spoken = Instant::now();
            }
        }
    }
}

impl Output {
    /// Whether it ended by itself and well.
    pub fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    fn ending(&self) -> String {
        self.status.map_or_else(|| "ended for taking too long".to_owned(), |status| status.to_string())
    }
}

/// A child that goes on until it ends or this is dropped.
pub struct Running {
    child: Child,
}

impl Running {
    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        stop::end(self.child.id());
        drop(self.child.wait());
    }
}

fn read(stream: impl Read + Send + 'static, lines: Sender<Line>, kind: fn(String) -> Line) {
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        while matches!(reader.read_until(b'\n', &mut bytes), Ok(1..)) {
            let text = String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned();
            if lines.send(kind(text)).is_err() {
                return;
            }
            bytes.clear();
        }
    });
}
