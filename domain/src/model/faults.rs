//! Streams broken in every way: each ends in `Done` or in an error, and nothing grows without bound (R62).

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::ModelEvent;
use super::anthropic::Anthropic;
use super::calls::MAX_CALLS;
use super::openai::OpenAi;
use super::reader::{MAX_ANSWER_BYTES, Protocol, Reader};
use super::vendors::recordings;
use super::workers_ai::WorkersAi;

const MUTATIONS: u64 = 10_000;

/// Streams to break where no recordings are here.
const OWN: [&str; 3] = [
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n",
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"x\",\"input\":{}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    "data: {\"response\":\"Hi\",\"tool_calls\":[{\"name\":\"x\",\"arguments\":{}}]}\n\ndata: [DONE]\n\n",
];

const GARBAGE: [&[u8]; 12] = [
    b"\xFF\xFE\x00",
    b"\r\n\r\n",
    b"data:",
    b"data: {}\n\n",
    b"data: [DONE]\n\n",
    b"data: null\n\n",
    b"event: error\n",
    b"data: {\"choices\":[{\"delta\":[],\"finish_reason\":7}]}\n\n",
    b"<html>",
    b"\"",
    b"}",
    b"\xE2\x82",
];

fn break_it(stream: &[u8], others: &[Vec<u8>], rng: &mut SmallRng) -> Vec<u8> {
    let mut bytes = stream.to_vec();
    for _ in 0..rng.random_range(1..4) {
        let at = rng.random_range(0..=bytes.len());
        match rng.random_range(0..8) {
            0 => bytes.truncate(at),
            1 => {
                let garbage = GARBAGE.choose(rng).unwrap();
                bytes.splice(at..at, garbage.iter().copied());
            }
            2 => {
                let size = rng.random_range(1..64);
                bytes.splice(at..at, (0..size).map(|_| rng.random::<u8>()).collect::<Vec<u8>>());
            }
            3 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << rng.random_range(0..8)),
            4 => {
                // A line again, up to a thousand times.
                let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
                let Some(line) = lines.choose(rng).map(|line| line.to_vec()) else { continue };
                let times = if rng.random_bool(0.1) { 1_000 } else { 2 };
                bytes.splice(at..at, line.repeat(times));
            }
            5 => {
                // A part is missing.
                let to = (at + rng.random_range(0..400)).min(bytes.len());
                bytes.drain(at..to);
            }
            6 => bytes.splice(at..at, others.choose(rng).unwrap().iter().copied()).for_each(drop),
            // A huge chunk, now and then: it takes long.
            _ if rng.random_bool(0.05) => {
                let filling = *[b'a', b' ', b'\n', b'{', b'['].choose(rng).unwrap();
                bytes.splice(at..at, std::iter::repeat_n(filling, 1_200_000));
            }
            _ => {}
        }
    }
    bytes
}

/// Reads as the edge does, and returns what was kept of it.
fn read_to_its_end<P: Protocol>(bytes: &[u8], seed: u64, rng: &mut SmallRng) -> bool {
    let mut reader =
        Reader::<P>::of_type(rng.random_bool(0.9).then_some("text/event-stream").or(Some("application/json")), seed);
    let (mut kept, mut calls, mut done) = (0, 0, 0);
    let mut rest = bytes;
    let mut outcome = Ok(Vec::new());
    loop {
        for event in outcome.unwrap_or_default() {
            assert_eq!(done, 0, "something after the end, seed {seed}");
            match event {
                ModelEvent::Text(text) => kept += text.len(),
                ModelEvent::Call(_) => calls += 1,
                ModelEvent::Usage { .. } => {}
                ModelEvent::Done(_) => done += 1,
            }
        }
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(rng.random_range(1..=rest.len().min(5_000)));
        rest = after;
        outcome = reader.push(piece);
        if outcome.is_err() {
            assert_eq!(done, 0, "an error after the end, seed {seed}");
            return false;
        }
    }
    assert!(kept <= MAX_ANSWER_BYTES && calls <= MAX_CALLS, "seed {seed}");
    let Ok(events) = reader.finish() else {
        assert_eq!(done, 0, "an error after the end, seed {seed}");
        return false;
    };
    let last = events.iter().filter(|event| matches!(event, ModelEvent::Done(_))).count();
    assert!(done + last == 1 || reader.finish().is_err(), "no end, seed {seed}");
    done + last == 1
}

#[test]
fn ten_thousand_broken_streams_end_in_done_or_an_error() {
    // By protocol. The long recordings say nothing more and take long.
    let recorded = ["llm-streams/openai-sse", "llm-streams/anthropic-sse", "llm-streams/openai-sse"].map(recordings);
    let streams: Vec<Vec<Vec<u8>>> = recorded
        .into_iter()
        .zip(OWN)
        .map(|(recorded, own)| {
            let short = recorded.into_iter().map(|(_, bytes)| bytes).filter(|bytes| bytes.len() < 20_000);
            short.chain([own.as_bytes().to_vec()]).collect()
        })
        .collect();
    let all = streams.concat();
    let mut ended = [0_u32; 2];
    for (seed, own) in (0..MUTATIONS).zip((0..3).cycle()) {
        let mut rng = SmallRng::seed_from_u64(seed);
        let stream = if rng.random_bool(0.9) { &streams[own] } else { &all };
        let bytes = break_it(stream.choose(&mut rng).unwrap(), &all, &mut rng);
        let whole = match own {
            0 => read_to_its_end::<OpenAi>(&bytes, seed, &mut rng),
            1 => read_to_its_end::<Anthropic>(&bytes, seed, &mut rng),
            _ => read_to_its_end::<WorkersAi>(&bytes, seed, &mut rng),
        };
        ended[usize::from(whole)] += 1;
    }
    println!("{MUTATIONS} broken streams: {} ended in an error, {} in an answer, 0 otherwise", ended[0], ended[1]);
    assert!(ended[0] > 1_000 && ended[1] > 100, "the mutations say little: {ended:?}");
}
