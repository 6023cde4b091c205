//! What a step was made from and what it made, so that it can be left out when neither has changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::paths;

/// Folders that builds write to, wherever they are.
const MADE: [&str; 4] = ["build", "target", "node_modules", ".wrangler"];

/// A growing hash over everything that a step reads.
#[derive(Default)]
pub struct Inputs(Sha256);

impl Inputs {
    /// Adds a text, such as a flag or a version.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
        self
    }

    /// Adds files and folders, named from the repository's folder. What is missing counts as empty.
    pub fn paths(mut self, names: &[&str]) -> Result<Self> {
        for name in names {
            for file in files(&paths::at(name))? {
                let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                self = self.text(&paths::shown(&file));
                self.0.update((bytes.len() as u64).to_le_bytes());
                self.0.update(&bytes);
            }
        }
        Ok(self)
    }

    /// The hash.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// All files of a folder, sorted, without the folders that builds write to.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    if path.is_dir() {
        let entries = fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
        for entry in entries {
            let entry = entry?;
            if entry.path().is_file() || !MADE.iter().any(|made| entry.file_name() == *made) {
                found.extend(files(&entry.path())?);
            }
        }
        found.sort();
    }
    Ok(found)
}

/// Whether the step's inputs and outputs are those of the last time.
pub fn holds(step: &str, inputs: &str, outputs: &[PathBuf]) -> bool {
    let noted = fs::read_to_string(place(step)).unwrap_or_default();
    outcome(outputs).is_some_and(|outcome| noted == format!("{inputs} {outcome}"))
}

/// Notes inputs and outputs of a step that went well.
pub fn set(step: &str, inputs: &str, outputs: &[PathBuf]) -> Result<()> {
    let outcome = outcome(outputs).with_context(|| format!("{step} did not write {outputs:?}"))?;
    write(&place(step), format!("{inputs} {outcome}").as_bytes())
}

/// The first ten digits of the content's hash, for file names.
pub fn short(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)).chars().take(10).collect()
}

/// Writes a file and its folders; an equal file is left alone, so that nothing is built again because of it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn place(step: &str) -> PathBuf {
    paths::target().join("xtask").join(format!("{step}.stamp"))
}

/// The hash over the outputs; none when one is missing.
fn outcome(outputs: &[PathBuf]) -> Option<String> {
    let mut hash = Sha256::new();
    for output in outputs {
        hash.update(fs::read(output).ok()?);
    }
    Some(hex(&hash.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
