//! A cheap test of how a word ends, which turns most words away.

/// The last three letters of telling names and of what is appended to them.
const ENDINGS: &[&[u8; 3]] = &[
    b"ord", b"swd", b"pwd", b"ase", b"ode", b"ort", b"ena", b"nha", b"sse", b"ass", b"psw", b"pin",
    b"ret", b"ets", b"ken", b"key", b"ial", b"als", b"eds", b"red", b"uth", b"eed", b"pat", b"jwt",
    b"sid", b"ion", b"kie", b"ure", b"sig", b"rod", b"dev", b"est", b"ing", b"ive", b"lue", b"ult",
    b"old", b"new", b"ent", b"ain", b"ary", b"b64", b"e64", b"hex", b"raw", b"_id", b"psk", b"_pw",
    b"com", b"org", b"net", b"eys", b"alt", b"rds", b"slo", b"tid", b"rer", b"tag", b"unt", b"lla",
    b"olo", b"rol", b"ens", b"nid", b"ata",
];

static FILTER: [u64; 64] = filter();

const fn slot(ending: [u8; 3]) -> (usize, u32) {
    let hash = ((ending[0] as usize & 31) << 7)
        ^ ((ending[1] as usize & 31) << 4)
        ^ (ending[2] as usize & 31)
        ^ ((ending[2] as usize & 31) << 8);
    let hash = hash & 4095;
    (hash >> 6, (hash & 63) as u32)
}

const fn filter() -> [u64; 64] {
    let mut table = [0u64; 64];
    let mut at = 0;
    while at < ENDINGS.len() {
        let (word, bit) = slot(*ENDINGS[at]);
        table[word] |= 1 << bit;
        at += 1;
    }
    table
}

/// Whether a telling name, or what is appended to one, may end like this word.
#[inline(always)]
pub(crate) fn may_end_name(word: &[u8]) -> bool {
    // Most words end in a letter and in no ending that tells.
    if let [.., first, second, third] = *word
        && !third.is_ascii_digit()
    {
        let (at, bit) = slot([first, second, third]);
        crate::count::steps(1);
        return FILTER[at] >> bit & 1 == 1;
    }
    may_end_in_digits(word)
}

#[inline(never)]
fn may_end_in_digits(word: &[u8]) -> bool {
    let mut end = word.len();
    while end > 0 && word[end - 1].is_ascii_digit() && word.len() - end < 3 {
        end -= 1;
    }
    let exact = |end: usize| match word.get(end.wrapping_sub(3)..end) {
        Some(&[first, second, third]) => {
            let (at, bit) = slot([first, second, third]);
            FILTER[at] >> bit & 1 == 1
        }
        _ => word.len() == 2 && word.eq_ignore_ascii_case(b"pw"),
    };
    crate::count::steps(2);
    exact(end) || (end != word.len() && exact(word.len()))
}
