//! The tests that failed, named once more at the end: what scrolled away hours ago is what somebody looks for.

/// The tests that failed in a TAP report of `node --test`, each with where it stands and what it said first. Groups of which
/// a test failed are left out: their tests are there.
pub fn of_tap(report: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = report.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("not ok ").and_then(|rest| rest.split_once(" - ")).map(|(_, name)| name)
        else {
            continue;
        };
        let about: Vec<_> = lines.by_ref().take_while(|line| *line != "...").collect();
        let value = |key: &str| about.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        if value("failureType") == Some("'subtestsFailed'") {
            continue;
        }
        let place = value("location").unwrap_or_default().trim_matches('\'');
        let place = place.rsplit_once("tests/").map_or(place, |(_, file)| file);
        found.push(format!("{name} ({place}): {}", first_words(&about)));
    }
    found
}

/// The failure's message, in one line.
fn first_words(about: &[&str]) -> String {
    let Some(at) = about.iter().position(|line| line.starts_with("error: ")) else { return "no message".to_owned() };
    let said = about.get(at).and_then(|line| line.strip_prefix("error: ")).unwrap_or_default();
    if !said.starts_with('|') {
        return said.trim_matches('\'').to_owned();
    }
    // A message of several lines ends at the next key.
    let more = about.iter().skip(at + 1).take_while(|line| !line.starts_with("code: ") && !line.starts_with("name: "));
    let words: Vec<_> = more.copied().filter(|line| !line.is_empty()).take(8).collect();
    words.join(" ")
}

/// The test that a line of `cargo test` says has failed.
pub fn of_cargo(line: &str) -> Option<String> {
    let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{of_cargo, of_tap};

    const REPORT: &str = "\
ok 1 - one that passed
  ---
  duration_ms: 4
  ...
    not ok 1 - a code expires
      ---
      duration_ms: 5
      location: '/somewhere/tests/edge/codes.test.mjs:59:1'
      failureType: 'testCodeFailure'
      error: |-
        Expected values to be strictly equal:

        1 !== 0

      code: 'ERR_ASSERTION'
      ...
not ok 2 - codes
  ---
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  ...
not ok 3 - what waits - and waits
  ---
  location: '/somewhere/tests/browser/card.test.mjs:4:1'
  failureType: 'hookFailed'
  error: 'waited 20 s for the frame'
  ...
";

    #[test]
    fn what_failed_is_named_with_its_place_and_its_message() {
        let expected = [
            "a code expires (edge/codes.test.mjs:59:1): Expected values to be strictly equal: 1 !== 0",
            "what waits - and waits (browser/card.test.mjs:4:1): waited 20 s for the frame",
        ];
        assert_eq!(of_tap(REPORT), expected);
        assert!(of_tap("ok 1 - fine\n# fail 0\n").is_empty());
        assert_eq!(of_tap("not ok 1 - cut off"), ["cut off (): no message"]);
    }

    #[test]
    fn cargos_lines_are_read() {
        assert_eq!(of_cargo("test code::tests::expires ... FAILED").as_deref(), Some("code::tests::expires"));
        assert_eq!(of_cargo("test code::tests::expires ... ok"), None);
        assert_eq!(of_cargo("test result: FAILED. 12 passed; 3 failed"), None);
    }
}
