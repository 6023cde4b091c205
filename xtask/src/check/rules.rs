//! What `tidy` looks for in one file. Patterns are written in two halves where this file would break its own rule.

use std::path::Path;

/// Addresses that development builds alone answer.
pub const HOOKS: [&str; 3] = ["/dev/inbox", "/dev/clock", "/dev/counters"];

const LONG: usize = 500;
const TOO_LONG: usize = 800;

/// Endings of files that are programs or their settings.
const CODE: [&str; 9] = ["rs", "ts", "js", "mjs", "css", "html", "toml", "sql", "sh"];

const PROMISES: [&str; 5] = [
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// How a string of SQL begins; in capitals or not.
const SQL: [&str; 9] = [
    "select ",
    "insert into ",
    "insert or ",
    "update ",
    "delete from ",
    "create table ",
    "create index ",
    "alter table ",
    "pragma ",
];

/// Folders of somebody's machine.
const HOMES: [&str; 3] = [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

/// What one file breaks.
#[derive(Debug, Default)]
pub struct Findings {
    /// What fails the check.
    pub faults: Vec<String>,
    /// What is worth a look.
    pub warnings: Vec<String>,
}

/// Applies every rule to one file, named from the repository's folder.
pub fn all(name: &str, text: &str) -> Findings {
    let mut findings = Findings::default();
    let path = Path::new(name);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let rust = ending == "rs";
    if rust || ending == "ts" {
        length(text, &mut findings);
    }
    if path.file_name().is_some_and(|file| file == "utils.rs" || file == "common.rs") {
        findings.faults.push("a file is named after what it holds".to_owned());
    }
    if name.ends_with("package-lock.json") && text.contains("\"resolved\"") {
        findings.faults.push(
            "names the addresses of a registry: `npm config set omit-lockfile-registry-resolved true`".to_owned(),
        );
    }
    let storage = name.starts_with("edge/src/store/") || name.starts_with("edge/src/durable/");
    for (index, line) in text.lines().enumerate() {
        let mut fault = |words: String| findings.faults.push(format!("line {}: {words}", index + 1));
        if let Some(promise) = PROMISES.iter().find(|promise| CODE.contains(&ending) && is_word(line, promise)) {
            fault(format!("`{promise}`: do it now, or name it in docs/plan.md"));
        }
        if let Some(home) = HOMES.iter().find(|home| names_home(line, home)) {
            fault(format!("`{home}…` is a folder of one machine"));
        }
        if rust && name.starts_with("domain/src/") && line.contains(concat!("SystemTime", "::now")) {
            fault("time is an argument in the domain".to_owned());
        }
        if rust && name.starts_with("edge/src/") && !storage && has_sql(line) {
            fault("SQL lives in edge/src/store and edge/src/durable".to_owned());
        }
        let reads_environment = line.contains("env.secret(") || line.contains("env.var(");
        if rust && name.starts_with("edge/") && name != "edge/src/config.rs" && reads_environment {
            fault("variables and secrets are read in edge/src/config.rs".to_owned());
        }
    }
    findings
}

/// The names in docs/decisions: `0001-words.md`, without a gap or a double.
pub fn decisions(names: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut numbers = Vec::new();
    for name in names {
        let number = name.split_once('-').and_then(|(digits, rest)| {
            let fits = digits.len() == 4 && rest.len() > 3 && rest.strip_suffix(".md").is_some();
            digits.parse::<usize>().ok().filter(|_| fits)
        });
        match number {
            Some(number) => numbers.push(number),
            None => faults.push(format!("{name}: wants a name like 0001-what-was-decided.md")),
        }
    }
    numbers.sort_unstable();
    for (index, number) in numbers.iter().enumerate() {
        if *number != index + 1 {
            faults.push(format!(
                " numbers run from 0001 without a gap or a double; {number:04} stands at place {}",
                index + 1
            ));
            break;
        }
    }
    faults
}

fn length(text: &str, findings: &mut Findings) {
    let lines = text.lines().count();
    if lines > TOO_LONG {
        findings.faults.push(format!("{lines} lines; more than {TOO_LONG} are too many for one room"));
    } else if lines > LONG {
        findings.warnings.push(format!("{lines} lines are long; is it one room?"));
    }
}

/// Whether the pattern stands alone: `XXXXX` in an identifier or a sample is none.
fn is_word(line: &str, pattern: &str) -> bool {
    let part = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_');
    line.match_indices(pattern).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + pattern.len()..).and_then(|text| text.chars().next());
        !part(before) && (pattern.ends_with('(') || !part(after))
    })
}

/// Whether a path of a machine stands here; an address's or a relative path that only contains it is none.
fn names_home(line: &str, home: &str) -> bool {
    line.match_indices(home).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        before.is_none_or(|before| !before.is_alphanumeric() && !['.', '-', '_', '/', '}', '*'].contains(&before))
    })
}

/// Whether a string on this line, or this line of a longer one, begins like SQL.
fn has_sql(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default().to_ascii_lowercase();
    code.split('"').skip(1).any(|text| SQL.iter().any(|words| text.trim_start().starts_with(words)))
}

#[cfg(test)]
mod tests {
    use super::{all, decisions, has_sql};

    fn faults(name: &str, text: &str) -> usize {
        all(name, text).faults.len()
    }

    #[test]
    fn sql_is_found_outside_the_rooms_for_it() {
        let line = "let rows = sql.exec(\"SELECT id FROM person\", None)?;";
        assert_eq!(faults("edge/src/http/visit.rs", line), 1);
        assert_eq!(faults("edge/src/store/people.rs", line), 0);
        assert_eq!(faults("edge/src/durable/person.rs", line), 0);
        assert!(!has_sql("let words = \"Please update your address\"; // \"select \""));
    }

    #[test]
    fn secrets_are_read_in_one_file() {
        assert_eq!(faults("edge/src/mail/resend.rs", "env.secret(\"KEY\")"), 1);
        assert_eq!(faults("edge/src/config.rs", "env.secret(\"KEY\")"), 0);
    }

    #[test]
    fn promises_are_found_and_samples_are_not() {
        assert_eq!(faults("domain/src/code.rs", concat!("// TO", "DO: later")), 1);
        assert_eq!(faults("tests/a.test.mjs", concat!("const id = 'SMXX", "XXXX'")), 0);
        assert_eq!(faults("docs/plan.md", concat!("TO", "DO")), 0);
    }

    #[test]
    fn folders_of_a_machine_are_found_and_addresses_are_not() {
        assert_eq!(faults("README.md", concat!("see /ho", "me/ada/x")), 1);
        assert_eq!(faults("README.md", concat!("https://example.com/ho", "me/")), 0);
    }

    #[test]
    fn the_clock_is_no_business_of_the_domain() {
        assert_eq!(faults("domain/src/limits.rs", concat!("SystemTime", "::now()")), 1);
        assert_eq!(faults("xtask/src/run.rs", concat!("SystemTime", "::now()")), 0);
    }

    #[test]
    fn long_files_are_warned_of_and_then_refused() {
        let lines = |count: usize| "\n".repeat(count);
        assert_eq!(all("a.rs", &lines(500)).warnings.len(), 0);
        assert_eq!(all("a.rs", &lines(501)).warnings.len(), 1);
        assert_eq!(all("a.rs", &lines(801)).faults.len(), 1);
        assert_eq!(all("a.mjs", &lines(801)).faults.len(), 0);
    }

    #[test]
    fn decisions_are_numbered_without_a_gap() {
        assert_eq!(decisions(&["0002-b.md", "0001-a.md"]), Vec::<String>::new());
        assert_eq!(decisions(&["0001-a.md", "0003-b.md"]).len(), 1);
        assert_eq!(decisions(&["0001-a.md", "0001-b.md"]).len(), 1);
        assert_eq!(decisions(&["notes.md"]).len(), 1);
    }
}
