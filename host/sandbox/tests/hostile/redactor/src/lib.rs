//! A redactor that hides the word SECRET, and misbehaves at a text that says `hostile:HOW`.

wit_bindgen::generate!({
    path: ["../../../../../wit/plugin", "../../../../../wit/host"],
    world: "mini-llm-chat:host/redactor-plugin",
    generate_all,
});

use exports::mini_llm_chat::plugin::redactor::{Found, Guest, Span, Text};

struct Redactor;
export!(Redactor);

impl Guest for Redactor {
    fn kinds() -> Vec<String> {
        vec!["secret".into(), "block".into()]
    }

    fn find(texts: Vec<Text>) -> Vec<Found> {
        let mut found: Vec<Found> = texts.iter().map(|text| honest(&text.content)).collect();
        for (text, found) in texts.iter().zip(&mut found) {
            if let Some((_, how)) = text.content.split_once("hostile:") {
                misbehave(how, &text.content, found);
            }
        }
        if texts
            .iter()
            .any(|text| text.content.contains("hostile:count"))
        {
            found.pop();
        }
        found
    }
}

fn honest(text: &str) -> Found {
    let spans = text
        .match_indices("SECRET")
        .map(|(start, word)| span(start, start + word.len(), 0));
    let open = text.contains("-----BEGIN") && !text.contains("-----END");
    Found {
        spans: spans.collect(),
        open: open.then_some(1),
    }
}

fn span(start: usize, end: usize, kind: u16) -> Span {
    Span {
        start: start as u32,
        end: end as u32,
        kind,
    }
}

fn misbehave(how: &str, text: &str, found: &mut Found) {
    let how = how.split_whitespace().next().unwrap_or_default();
    found.spans = match how {
        "loop" => loop {
            std::hint::black_box(how);
        },
        "memory" => vec![span(0, std::hint::black_box(vec![1_u8; 48 << 20]).len(), 0)],
        "recursion" => vec![span(0, deeper(text.len()), 0)],
        "trap" => std::process::abort(),
        "panic" => panic!("could not read {text}"),
        "million-spans" => (0..1_000_000).map(|_| span(0, 1, 0)).collect(),
        "dense" => (0..300).map(|at| span(at, at + 1, 0)).collect(),
        "overlapping" => vec![span(0, 4, 0), span(2, 6, 0)],
        "unsorted" => vec![span(4, 6, 0), span(0, 2, 0)],
        "empty" => vec![span(3, 3, 0)],
        "out-of-range" => vec![span(0, text.len() + 1, 0)],
        "off-boundary" => vec![span(0, text.find('ñ').map_or(1, |at| at + 1), 0)],
        "index" => vec![span(0, 4, 2)],
        "open-index" => {
            found.open = Some(7);
            Vec::new()
        }
        "settings-flood" => {
            for _ in 0..1_000 {
                mini_llm_chat::host::settings::entries();
            }
            Vec::new()
        }
        _ => return,
    };
}

fn deeper(depth: usize) -> usize {
    if depth == usize::MAX {
        0
    } else {
        deeper(std::hint::black_box(depth + 1)) + depth
    }
}
