use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::Index;
use shared::block::{Block, Item, Span};

use super::nasty::NASTY;
use super::{MAX_BLOCKS, Streaming, blocks};

fn text(text: &str) -> Span {
    Span::Text { text: text.to_owned() }
}

fn strong(text: &str) -> Span {
    Span::Strong { text: text.to_owned() }
}

fn em(text: &str) -> Span {
    Span::Em { text: text.to_owned() }
}

fn link(text: &str, href: &str) -> Span {
    Span::Link { text: text.to_owned(), href: href.to_owned() }
}

fn paragraph(spans: &[Span]) -> Block {
    Block::Paragraph { spans: spans.to_vec() }
}

fn item(level: u8, spans: &[Span]) -> Item {
    Item { level, spans: spans.to_vec() }
}

fn list(start: Option<u32>, items: &[Item]) -> Block {
    Block::List { start, items: items.to_vec() }
}

fn code(text: &str) -> Block {
    Block::Code { text: text.to_owned() }
}

fn spans(block: &Block) -> Vec<&Span> {
    match block {
        Block::Paragraph { spans } | Block::Heading { spans } | Block::Quote { spans } => spans.iter().collect(),
        Block::List { items, .. } => items.iter().flat_map(|item| &item.spans).collect(),
        Block::Table { rows } => rows.iter().flatten().flatten().collect(),
        Block::Code { .. } | Block::Rule => Vec::new(),
    }
}

fn hrefs(blocks: &[Block]) -> Vec<String> {
    let href = |span: &Span| if let Span::Link { href, .. } = span { Some(href.clone()) } else { None };
    blocks.iter().flat_map(spans).filter_map(href).collect()
}

/// What may stand in an `href`, written here a second time and differently from the rule that it judges.
fn is_harmless(href: &str) -> bool {
    let schemes = ["http://", "https://", "mailto:", "tel:"];
    schemes.iter().any(|scheme| href.starts_with(scheme) && href.len() > scheme.len())
        && !href.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '\u{202A}'..='\u{202E}' | '\\'))
}

#[test]
fn paragraphs_keep_their_emphasis_code_and_breaks() {
    assert_eq!(
        blocks("Your order *is* **on its way**, see `NW-1042`.\nSoft\\\nhard\n\nNext"),
        [
            paragraph(&[
                text("Your order "),
                em("is"),
                text(" "),
                strong("on its way"),
                text(", see "),
                Span::Code { text: "NW-1042".to_owned() },
                text(". Soft"),
                Span::Break,
                text("hard"),
            ]),
            paragraph(&[text("Next")]),
        ]
    );
}

#[test]
fn nested_emphasis_becomes_the_strongest() {
    assert_eq!(blocks("*a **b** c*"), [paragraph(&[em("a "), strong("b"), em(" c")])]);
    assert_eq!(blocks("***a***"), [paragraph(&[strong("a")])]);
}

#[test]
fn strikethrough_stays_as_it_was_written() {
    assert_eq!(blocks("~~$50~~ $40"), [paragraph(&[text("~~$50~~ $40")])]);
}

#[test]
fn headings_quotes_rules_and_code_are_blocks() {
    assert_eq!(
        blocks("# One\n## Two *em*\n> quoted\n> more\n\n---\n```sh\na\n\nb\n```\n"),
        [
            Block::Heading { spans: vec![text("One")] },
            Block::Heading { spans: vec![text("Two "), em("em")] },
            Block::Quote { spans: vec![text("quoted more")] },
            Block::Rule,
            code("a\n\nb"),
        ]
    );
}

#[test]
fn nested_lists_are_flattened_with_their_level() {
    assert_eq!(
        blocks("3. a\n   - b\n     1. c\n     2. d\n4. e\n"),
        [list(
            Some(3),
            &[
                item(0, &[text("a")]),
                item(1, &[text("b")]),
                item(2, &[text("1. c")]),
                item(2, &[text("2. d")]),
                item(0, &[text("e")]),
            ]
        )]
    );
}

#[test]
fn loose_items_keep_their_paragraphs_on_lines_of_their_own() {
    assert_eq!(
        blocks("- a\n\n  b\n\n- c\n"),
        [list(None, &[item(0, &[text("a"), Span::Break, text("b")]), item(0, &[text("c")])])]
    );
}

#[test]
fn code_in_a_list_stands_between_its_halves_and_the_numbers_go_on() {
    assert_eq!(
        blocks("1. a\n   ```\n   x\n   ```\n2. b\n"),
        [list(Some(1), &[item(0, &[text("a")])]), code("x"), list(Some(2), &[item(0, &[text("b")])])]
    );
}

#[test]
fn tables_have_as_many_cells_in_every_row_as_in_the_first() {
    let cell = |value: &str| vec![text(value)];
    assert_eq!(
        blocks("| a | b |\n|---|:-:|\n| c |\n| d | e | f |\n"),
        [Block::Table {
            rows: vec![vec![cell("a"), cell("b")], vec![cell("c"), Vec::new()], vec![cell("d"), cell("e")]]
        }]
    );
}

#[test]
fn links_that_may_be_followed_are_links() {
    assert_eq!(
        blocks("[shop](https://a.example/x?y=1#z \"title\") <https://b.example> <me@c.example> [call](tel:+1-555)"),
        [paragraph(&[
            link("shop", "https://a.example/x?y=1#z"),
            text(" "),
            link("https://b.example", "https://b.example"),
            text(" "),
            link("me@c.example", "mailto:me@c.example"),
            text(" "),
            link("call", "tel:+1-555"),
        ])]
    );
    assert_eq!(blocks("[*a* `b`][r]\n\n[r]: HTTP://a.example"), [paragraph(&[link("a b", "http://a.example")])]);
    assert_eq!(blocks("[](https://a.example)"), [paragraph(&[link("https://a.example", "https://a.example")])]);
}

#[test]
fn images_become_their_alternative_text() {
    assert_eq!(blocks("![a *b*](https://evil.example/p.png)"), [paragraph(&[text("a "), em("b")])]);
    assert_eq!(blocks("![](https://evil.example/p.png)"), []);
    assert_eq!(
        blocks("[![pixel](https://evil.example/p.png)](https://a.example)"),
        [paragraph(&[link("pixel", "https://a.example")])]
    );
}

#[test]
fn html_stays_text() {
    assert_eq!(
        blocks("<script>alert(1)</script>\n\na <b onclick=x>b</b>"),
        [paragraph(&[text("<script>alert(1)</script>")]), paragraph(&[text("a <b onclick=x>b</b>")]),]
    );
    assert_eq!(blocks("a<br>b<!-- hidden -->c"), [paragraph(&[text("a"), Span::Break, text("bc")])]);
    assert_eq!(blocks("<!-- hidden -->\n"), []);
    assert_eq!(blocks("a <img src=x onerror=alert(1)>"), [paragraph(&[text("a <img src=x onerror=alert(1)>")])]);
}

#[test]
fn characters_that_disguise_text_are_taken_out() {
    assert_eq!(blocks("a\u{202E}b\u{2066}c\u{0}d\u{200B}e\u{7}f"), [paragraph(&[text("abcdef")])]);
    assert_eq!(blocks("a&#x202E;b `c\u{202E}d`")[0], paragraph(&[text("ab "), Span::Code { text: "cd".to_owned() }]));
    // What Arabic, Persian and emoji are written with stays.
    assert_eq!(blocks("می\u{200C}خواهم 👨\u{200D}👩"), [paragraph(&[text("می\u{200C}خواهم 👨\u{200D}👩")])]);
}

#[test]
fn a_very_long_text_is_cut_at_the_most_blocks() {
    let long = "a\n\n".repeat(MAX_BLOCKS + 10);
    assert_eq!(blocks(&long).len(), MAX_BLOCKS);
    let mut streaming = Streaming::new();
    for line in long.split_inclusive('\n') {
        streaming.push(line);
    }
    assert_eq!(streaming.snapshot().len(), MAX_BLOCKS);
}

#[test]
fn nasty_texts_give_no_address_that_may_not_be_followed() {
    for (markdown, links) in NASTY {
        let found = hrefs(&blocks(markdown));
        assert!(found.iter().all(|href| is_harmless(href)), "{markdown:?} gives {found:?}");
        assert_eq!(found.len(), *links, "{markdown:?} gives {found:?}");
    }
}

#[test]
fn deep_nesting_is_read_without_falling_over() {
    let texts = [
        "> ".repeat(5_000) + "x",
        "- ".repeat(5_000) + "x",
        "[".repeat(5_000),
        "*a **b ".repeat(2_000),
        "![".repeat(5_000) + "x",
        "<".repeat(5_000),
        "`".repeat(5_000) + "a" + &"`".repeat(4_999),
        (0..100).map(|depth| "  ".repeat(depth) + "- x\n").collect(),
        "|a".repeat(1_000) + "\n" + &"|-".repeat(1_000) + "\n" + &"|x\n".repeat(1_000),
    ];
    for markdown in texts {
        let blocks = blocks(&markdown);
        for block in &blocks {
            if let Block::List { items, .. } = block {
                assert!(items.iter().all(|item| item.level <= 6));
            }
        }
    }
}

/// Applies what `push` returns as the widget does, checking after each piece that it shows what the whole would.
fn stream(pieces: &[&str]) {
    let mut streaming = Streaming::new();
    let mut shown: Vec<Block> = Vec::new();
    let mut so_far = String::new();
    for piece in pieces {
        so_far.push_str(piece);
        if let Some((from, changed)) = streaming.push(piece) {
            shown.truncate(from as usize);
            shown.extend(changed);
        }
        assert_eq!(shown, blocks(&so_far), "after {so_far:?}");
        assert_eq!(streaming.snapshot(), shown);
    }
    assert_eq!(streaming.text(), so_far);
}

fn characters(text: &str) -> Vec<&str> {
    text.split_inclusive(|_: char| true).collect()
}

#[test]
fn a_text_may_arrive_one_character_at_a_time() {
    for markdown in [
        "Hi **Ana**, your order:\n\n- **status**: shipped\n- total: $4\n\n    - deep\n\nDone.\n\n1. a\n\n2. b\n\nEnd",
        "```\na\n\n# b\n\n```\nc\n\n> d\n\n> e\nlazy\n\nf\n===\n\n    code\n\n    more\n\ng",
        "| a | b |\n|---|---|\n| c | d |\n\nafter\r\n\r\n<pre>\n\nx\n\n</pre>\ny\r\rz",
        "See [a] and [b].\n\nText.\n\n- x\n\n[a]: https://a.example\n\n[b]: javascript:1\n\nEnd [a].",
        "a\n#\n#b\n- \n-c\n\n* * *\n*x*\n",
    ] {
        stream(&characters(markdown));
    }
    for (markdown, _) in NASTY {
        stream(&characters(markdown));
    }
}

#[test]
fn only_what_changed_is_sent() {
    let mut streaming = Streaming::new();
    assert_eq!(streaming.push("One.\n\nTwo"), Some((0, vec![paragraph(&[text("One.")]), paragraph(&[text("Two")])])));
    assert_eq!(streaming.push("."), Some((1, vec![paragraph(&[text("Two.")])])));
    assert_eq!(streaming.push("\n\n"), None);
    assert_eq!(streaming.push("#"), None);
    assert_eq!(streaming.push(""), None);
    assert_eq!(streaming.push(" H"), Some((2, vec![Block::Heading { spans: vec![text("H")] }])));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn any_pieces_of_marked_text_give_the_blocks_of_the_whole(
        markdown in "(a|b c|\n|\n\n|\r\n|\r|  |    |\t|# |- |\\* |1\\. |2\\) |> |```|~~~|\\*|\\*\\*|_|`|\\[a\\]|\\[a\\]: https://a.example|:|\\]|\\[|<b>|<!--|-->|<pre>|</pre>|\\||\\|-\\||---|===|!\\[|\\(javascript:1\\)|\\\\|&#x0;){0,40}",
        cuts in proptest::collection::vec(any::<Index>(), 0..12),
    ) {
        let mut pieces = characters(&markdown);
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(pieces.len() + 1)).collect();
        at.sort_unstable();
        let mut joined = Vec::new();
        for cut in at.into_iter().rev() {
            joined.push(pieces.split_off(cut).concat());
        }
        joined.push(pieces.concat());
        joined.reverse();
        stream(&joined.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn any_text_gives_no_address_that_may_not_be_followed(markdown in "\\PC{0,80}", scheme in "\\PC{0,12}") {
        for markdown in [markdown.clone(), format!("[{markdown}]({scheme}:{markdown})"), format!("<{scheme}:x>{markdown}")] {
            let found = hrefs(&blocks(&markdown));
            prop_assert!(found.iter().all(|href| is_harmless(href)), "{:?} gives {:?}", markdown, found);
        }
    }

    #[test]
    fn any_text_comes_back_whole(markdown in "(\\PC|[\r\n\t ]){0,80}") {
        let mut streaming = Streaming::new();
        for piece in characters(&markdown) {
            streaming.push(piece);
        }
        prop_assert_eq!(streaming.text(), markdown.as_str());
        prop_assert_eq!(streaming.snapshot().to_vec(), blocks(&markdown));
    }
}
