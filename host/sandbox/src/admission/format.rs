//! What kind of file the bytes are, told from their first few, so that the refusal can say what to do.

use crate::error::NotAComponent;

/// The largest component, in bytes. Components from interpreted languages carry their interpreter: 12 to 18 MB.
pub(crate) const MAX_BYTES: usize = 32 << 20;

const WASM: &[u8] = b"\0asm";
const COMPONENT_VERSION: u16 = 13;
const COMPONENT_LAYER: u16 = 1;

/// ELF (also wasmtime's precompiled form), Windows and macOS executables and libraries.
const NATIVE: [&[u8]; 6] = [
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
];

/// Passes what begins like a binary component.
pub(super) fn recognise(bytes: &[u8]) -> Result<(), NotAComponent> {
    if bytes.is_empty() {
        return Err(NotAComponent::Empty);
    }
    if bytes.len() > MAX_BYTES {
        return Err(NotAComponent::TooLarge(MAX_BYTES as u64));
    }
    if let Some(header) = bytes.strip_prefix(WASM) {
        return version(header, bytes.len());
    }
    if NATIVE.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(NotAComponent::NativeCode);
    }
    if WASM.starts_with(bytes) {
        return Err(NotAComponent::Truncated(bytes.len() as u64));
    }
    Err(text(bytes))
}

fn version(header: &[u8], length: usize) -> Result<(), NotAComponent> {
    let &[a, b, c, d, ..] = header else {
        return Err(NotAComponent::Truncated(length as u64));
    };
    match (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])) {
        (COMPONENT_VERSION, COMPONENT_LAYER) => Ok(()),
        (_, 0) => Err(NotAComponent::CoreModule),
        (version, COMPONENT_LAYER) => Err(NotAComponent::FormatVersion(version)),
        _ => Err(NotAComponent::Foreign),
    }
}

fn text(bytes: &[u8]) -> NotAComponent {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return NotAComponent::Foreign;
    };
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_wasm_text = ["(component", "(module", ";;", "(;"]
        .iter()
        .any(|mark| start.starts_with(mark));
    if is_wasm_text {
        NotAComponent::WasmText
    } else {
        NotAComponent::Text
    }
}
