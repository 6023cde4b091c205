//! CSV in parts: whole records, each with the line in which it begins. Whatever the bytes are, each part is read to its end
//! or to the last whole record, and what is no record is said with its line.

use core::ops::Range;
use std::borrow::Cow;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// The most bytes of a record.
pub const MAX_RECORD: usize = 256 * 1024;
/// The most columns.
pub const MAX_COLUMNS: usize = 1_000;

/// Where a part begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: u64,
    /// Whether the rest of this line belongs to a record that is no record.
    pub skipping: bool,
}

/// Why a line is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// More columns than [`MAX_COLUMNS`].
    Columns,
    /// Longer than [`MAX_RECORD`], or a quote that does not close.
    Length,
    /// A quote that does not close until the file ends.
    Quote,
}

impl Broken {
    /// What is wrong and what to do.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Columns => "This line has more than 1,000 columns. Check what stands between the cells.",
            Self::Length => {
                "This record is longer than 256 KiB. Look for a \" that opens and does not close, or shorten it."
            }
            Self::Quote => "A \" opens here and does not close. Close it, or write it twice.",
        }
    }
}

/// A record, or what is none.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A record's cells.
    Record {
        /// The line in which it begins.
        line: u64,
        /// Its cells, as bytes.
        cells: Vec<&'a [u8]>,
    },
    /// A line that is no record. The next one is read as if it had not been there.
    Broken {
        /// Which.
        line: u64,
        /// Why.
        why: Broken,
    },
}

/// A part that is being read.
pub struct Part {
    bytes: Vec<u8>,
    /// How many of them were given.
    given: usize,
    /// Whether the file ends with it.
    is_last: bool,
    at: usize,
    /// Where the last piece begins.
    began: usize,
    place: Place,
    reader: Reader,
    out: Vec<u8>,
    ends: Vec<usize>,
}

impl Part {
    /// Begins to read. `place` is where the part before ended; `is_last` when the file ends with these bytes.
    pub fn new(mut bytes: Vec<u8>, place: Option<Place>, is_last: bool, delimiter: u8) -> Self {
        let given = bytes.len();
        // A byte order mark, only where a file begins.
        let at = if place.is_none() && bytes.starts_with(&[0xEF, 0xBB, 0xBF]) { 3 } else { 0 };
        if is_last {
            // Closes the last line, so that a quote which does not close can be told from one that does.
            bytes.push(b'\n');
        } else if bytes.last() == Some(&b'\r') {
            // Whether a line feed follows shows in the next part.
            bytes.pop();
        }
        Self {
            bytes,
            given,
            is_last,
            at,
            began: at,
            place: place.unwrap_or(Place { line: 1, skipping: false }),
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            out: vec![0; MAX_RECORD + 1],
            ends: vec![0; MAX_COLUMNS + 1],
        }
    }

    /// How many of the given bytes are read: the next part begins after them.
    pub fn consumed(&self) -> usize {
        self.at.min(self.given)
    }

    /// Where the next part begins.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Where the last piece stands among the given bytes; none when its end is not among them.
    pub fn span(&self) -> Option<Range<usize>> {
        (!self.place.skipping).then(|| self.began..self.consumed())
    }

    /// What stands there, without the end of the line. What is no UTF-8 is lost, and shows as U+FFFD.
    pub fn text(&self, span: Range<usize>) -> Cow<'_, str> {
        let bytes = self.bytes.get(span).unwrap_or_default();
        let length = bytes.iter().rposition(|b| !matches!(b, b'\n' | b'\r')).map_or(0, |last| last + 1);
        String::from_utf8_lossy(bytes.get(..length).unwrap_or_default())
    }

    /// The next record; none when the rest is no whole one.
    pub fn read_piece(&mut self) -> Option<Piece<'_>> {
        if self.place.skipping {
            self.skip_line();
        }
        self.skip_line_ends();
        self.began = self.at;
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty() && !self.place.skipping)?;
        let window = rest.get(..=MAX_RECORD).unwrap_or(rest);
        let line = self.place.line;
        self.reader.reset();
        let (result, read, _, ends) = self.reader.read_record(window, &mut self.out, &mut self.ends);
        let why = match result {
            ReadRecordResult::Record if ends <= MAX_COLUMNS => {
                let end = self.at + read;
                self.place.line += self.line_ends(self.at, end);
                self.at = end;
                let ends = self.ends.get(..ends)?;
                let starts = core::iter::once(0).chain(ends.iter().copied());
                let cells = starts.zip(ends).filter_map(|(start, end)| self.out.get(start..*end)).collect();
                return Some(Piece::Record { line, cells });
            }
            ReadRecordResult::Record | ReadRecordResult::OutputEndsFull => Broken::Columns,
            _ if window.len() > MAX_RECORD => Broken::Length,
            _ if self.is_last => Broken::Quote,
            _ => return None,
        };
        self.skip_line();
        Some(Piece::Broken { line, why })
    }

    /// Goes to the end of this line.
    fn skip_line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|b| matches!(b, b'\n' | b'\r'));
        self.place.skipping = length.is_none();
        self.at += length.unwrap_or(rest.len());
    }

    fn skip_line_ends(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|b| !matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
        self.place.line += self.line_ends(self.at, self.at + length);
        self.at += length;
    }

    /// How many lines end there: `\n`, `\r\n` and `\r` each end one.
    fn line_ends(&self, from: usize, to: usize) -> u64 {
        let ends = |at: usize| match self.bytes.get(at) {
            Some(b'\n') => true,
            Some(b'\r') => self.bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        (from..to).filter(|at| ends(*at)).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::*;

    type Read = Vec<(u64, Result<Vec<Vec<u8>>, Broken>)>;

    /// Reads a file in parts of at most this size; a part that holds no whole record grows.
    fn read(file: &[u8], size: usize) -> Read {
        let (mut found, mut offset, mut place, mut take) = (Vec::new(), 0, None, size);
        while offset < file.len() {
            let end = (offset + take).min(file.len());
            let mut part = Part::new(file[offset..end].to_vec(), place, end == file.len(), b',');
            while let Some(piece) = part.read_piece() {
                found.push(match piece {
                    Piece::Record { line, cells } => (line, Ok(cells.into_iter().map(<[u8]>::to_vec).collect())),
                    Piece::Broken { line, why } => (line, Err(why)),
                });
            }
            take = if part.consumed() == 0 { take * 2 } else { size };
            offset += part.consumed();
            place = (offset > 0).then(|| part.place());
        }
        found
    }

    fn lines(file: &str) -> Vec<(u64, String)> {
        let shown = |(line, read): (u64, Result<Vec<Vec<u8>>, Broken>)| {
            let text = |cells: Vec<Vec<u8>>| {
                cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect::<Vec<_>>().join("|")
            };
            (line, read.map_or_else(|why| format!("{why:?}"), text))
        };
        read(file.as_bytes(), 1 << 20).into_iter().map(shown).collect()
    }

    #[test]
    fn records_have_the_line_in_which_they_begin() {
        assert_eq!(
            lines("a,b\r\n\"1\n2\",\"x\"\"y\"\r\n\r\n,\r\n"),
            [(1, "a|b".into()), (2, "1\n2|x\"y".into()), (5, "|".into())]
        );
        assert_eq!(lines("a\rb\rc"), [(1, "a".into()), (2, "b".into()), (3, "c".into())]);
        assert_eq!(lines("\u{FEFF}a,b"), [(1, "a|b".into())]);
        assert_eq!(lines("\n\n\n"), []);
        assert_eq!(lines("a,\"b\""), [(1, "a|b".into())]);
    }

    #[test]
    fn a_piece_is_found_again_as_it_stood_in_the_file() {
        let found = |file: &[u8], is_last: bool| -> Vec<Option<String>> {
            let mut part = Part::new(file.to_vec(), None, is_last, b',');
            let mut found = Vec::new();
            while part.read_piece().is_some() {
                found.push(part.span().map(|span| part.text(span).into_owned()));
            }
            found
        };
        let text = |text: &str| Some(text.to_owned());
        let file = b"\xEF\xBB\xBFa,b\r\n\r\n\"1\n2\",\xC3x\r\n3,\"4\n";
        assert_eq!(found(file, true), [text("a,b"), text("\"1\n2\",\u{FFFD}x"), text("3,\"4")]);
        let long = [b"a\n".as_slice(), &b"x".repeat(300_000)].concat();
        assert_eq!(found(&long, false), [text("a"), None], "the end of the line is in another part");
    }

    #[test]
    fn a_quote_that_does_not_close_costs_one_line() {
        assert_eq!(
            lines("a,b\n1,\"2\n3,4\n5,6\n"),
            [(1, "a|b".into()), (2, "Quote".into()), (3, "3|4".into()), (4, "5|6".into())]
        );
        let long = format!("a,b\n1,\"2\n{}5,6\n", "3,4\n".repeat(100_000));
        let read = lines(&long);
        assert_eq!((read.len(), read[1].clone(), read[2].clone()), (100_003, (2, "Length".into()), (3, "3|4".into())));
    }

    #[test]
    fn a_million_columns_are_one_error() {
        let file = format!("a\n{}\nb\n", ",".repeat(1_000_000));
        assert_eq!(lines(&file), [(1, "a".into()), (2, "Columns".into()), (3, "b".into())]);
        for size in [50_000, 300_000] {
            assert_eq!(read(file.as_bytes(), size).len(), 3);
        }
        assert_eq!(lines(&",".repeat(999)), [(1, "|".repeat(999))]);
        assert_eq!(lines(&",".repeat(1_000)), [(1, "Columns".into())]);
    }

    #[test]
    fn a_line_without_an_end_is_one_error_in_any_number_of_parts() {
        let file = format!("a\n{}\nb", "x".repeat(3_000_000));
        assert_eq!(lines(&file), [(1, "a".into()), (2, "Length".into()), (3, "b".into())]);
        assert_eq!(read(file.as_bytes(), 500_000).len(), 3);
    }

    proptest! {
        #[test]
        fn parts_of_any_size_read_the_same(file in "[a,\"\n\r]{0,60}", size in 1_usize..20) {
            prop_assert_eq!(read(file.as_bytes(), size), read(file.as_bytes(), 1 << 20));
        }

        #[test]
        fn any_bytes_are_read_to_their_end(file in proptest::collection::vec(any::<u8>(), 0..400)) {
            let read = read(&file, 64);
            prop_assert!(read.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }

        #[test]
        fn what_is_exported_is_read(cells in proptest::collection::vec("[a-z,\"\n\r; =]{1,9}", 1..6)) {
            let quoted: Vec<_> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            let read = read(format!("{}\r\n", quoted.join(",")).as_bytes(), 1 << 20);
            let cells: Vec<Vec<u8>> = cells.into_iter().map(String::into_bytes).collect();
            prop_assert_eq!(read, vec![(1, Ok(cells))]);
        }
    }
}
