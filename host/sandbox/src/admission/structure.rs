//! One pass over a component before it is compiled: its size in every respect that compiling pays for, and what
//! it imports and exports.
//!
//! Function bodies are not looked into here: wasmtime validates them when it compiles. So the pass costs what
//! the sections other than code cost, well under a millisecond for a component of 1 MB.

use wasmparser::component_types::ComponentEntityType;
use wasmparser::{ComponentExternalKind, Parser, Payload, ValidPayload, Validator, WasmFeatures};

use crate::error::{NotAComponent, Problem};

/// What the host must know of an import or an export.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) name: String,
    /// Shapes alone: it can be imported without any authority, and exported without any use.
    pub(super) types_only: bool,
}

/// A component whose structure is within bounds.
#[derive(Debug, Default)]
pub(super) struct Structure {
    pub(super) imports: Vec<Item>,
    pub(super) exports: Vec<Item>,
    /// Bytes that its memories have at the start, together.
    pub(super) memory_bytes: u64,
    /// Elements that its tables have at the start, together.
    pub(super) table_elements: u64,
}

/// Bounds, generous for interpreters compiled to WebAssembly (the largest plugins that are of use).
mod bound {
    pub(super) const FUNCTIONS: u64 = 100_000;
    /// The compiler's memory grows with the largest function, and its time faster than that.
    pub(super) const BODY_BYTES: u64 = 512 << 10;
    pub(super) const TYPES: u64 = 50_000;
    pub(super) const DATA_SEGMENTS: u64 = 100_000;
    pub(super) const TABLES: u64 = 64;
    pub(super) const MEMORIES: u64 = 64;
    pub(super) const GLOBALS: u64 = 100_000;
    pub(super) const MODULES: u64 = 128;
    pub(super) const COMPONENTS: u64 = 64;
    pub(super) const INSTANCES: u64 = 1_024;
    pub(super) const IMPORTS_EXPORTS: u64 = 100_000;
}

/// Looks through the whole component.
///
/// # Errors
/// Every bound that is exceeded, or the one place where it is not well-formed.
pub(super) fn examine(bytes: &[u8]) -> Result<Structure, Vec<Problem>> {
    let mut pass = Pass::default();
    pass.run(bytes)
        .map_err(|error| vec![malformed(&error, bytes.len())])?;
    if pass.problems.is_empty() {
        Ok(pass.structure)
    } else {
        Err(pass.problems)
    }
}

fn malformed(error: &wasmparser::BinaryReaderError, length: usize) -> Problem {
    let message = error.message();
    let reason = if message.starts_with("unexpected end") || error.offset() >= length {
        NotAComponent::Truncated(length as u64)
    } else {
        NotAComponent::Invalid {
            message: crate::printable::line(message, 300),
            offset: error.offset() as u64,
        }
    };
    reason.into()
}

#[derive(Default)]
struct Pass {
    structure: Structure,
    counts: Counts,
    problems: Vec<Problem>,
}

#[derive(Default)]
struct Counts {
    functions: u64,
    body_bytes: u64,
    types: u64,
    data_segments: u64,
    tables: u64,
    memories: u64,
    globals: u64,
    modules: u64,
    components: u64,
    instances: u64,
    imports_exports: u64,
}

impl Counts {
    fn exceeded(&self) -> Vec<Problem> {
        let table = [
            ("functions", self.functions, bound::FUNCTIONS),
            (
                "bytes in its largest function",
                self.body_bytes,
                bound::BODY_BYTES,
            ),
            ("types", self.types, bound::TYPES),
            ("data segments", self.data_segments, bound::DATA_SEGMENTS),
            ("tables", self.tables, bound::TABLES),
            ("memories", self.memories, bound::MEMORIES),
            ("globals", self.globals, bound::GLOBALS),
            ("core modules", self.modules, bound::MODULES),
            ("nested components", self.components, bound::COMPONENTS),
            ("instances", self.instances, bound::INSTANCES),
            (
                "imports and exports",
                self.imports_exports,
                bound::IMPORTS_EXPORTS,
            ),
        ];
        let over = table.into_iter().filter(|(_, found, limit)| found > limit);
        over.map(|(what, found, limit)| Problem::TooMuch { what, found, limit })
            .collect()
    }
}

impl Pass {
    fn run(&mut self, bytes: &[u8]) -> wasmparser::Result<()> {
        let mut validator = Validator::new_with_features(WasmFeatures::default());
        let (mut depth, mut names) = (0_u32, Names::default());
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            self.count(&payload)?;
            if depth == 0 {
                names.collect(&payload)?;
            }
            // Stop before the validator spends time on what is refused anyway.
            self.problems = self.counts.exceeded();
            if !self.problems.is_empty() {
                return Ok(());
            }
            match validator.payload(&payload)? {
                ValidPayload::Parser(_) => depth += 1,
                ValidPayload::End(types) if depth == 0 => {
                    names.resolve(&types, &mut self.structure)
                }
                ValidPayload::End(_) => depth -= 1,
                ValidPayload::Ok | ValidPayload::Func(..) => {}
            }
        }
        Ok(())
    }

    fn count(&mut self, payload: &Payload<'_>) -> wasmparser::Result<()> {
        let counts = &mut self.counts;
        match payload {
            Payload::FunctionSection(section) => counts.functions += u64::from(section.count()),
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                counts.body_bytes = counts.body_bytes.max((range.end - range.start) as u64);
            }
            Payload::TypeSection(section) => counts.types += u64::from(section.count()),
            Payload::CoreTypeSection(section) => counts.types += u64::from(section.count()),
            Payload::ComponentTypeSection(section) => counts.types += u64::from(section.count()),
            Payload::DataSection(section) => counts.data_segments += u64::from(section.count()),
            Payload::GlobalSection(section) => counts.globals += u64::from(section.count()),
            Payload::ModuleSection { .. } => counts.modules += 1,
            Payload::ComponentSection { .. } => counts.components += 1,
            Payload::InstanceSection(section) => counts.instances += u64::from(section.count()),
            Payload::ComponentInstanceSection(section) => {
                counts.instances += u64::from(section.count())
            }
            Payload::ImportSection(section) => counts.imports_exports += u64::from(section.count()),
            Payload::ExportSection(section) => counts.imports_exports += u64::from(section.count()),
            Payload::ComponentImportSection(section) => {
                counts.imports_exports += u64::from(section.count())
            }
            Payload::ComponentExportSection(section) => {
                counts.imports_exports += u64::from(section.count())
            }
            Payload::TableSection(section) => {
                counts.tables += u64::from(section.count());
                for table in section.clone() {
                    let elements = &mut self.structure.table_elements;
                    *elements = elements.saturating_add(table?.ty.initial);
                }
            }
            Payload::MemorySection(section) => {
                counts.memories += u64::from(section.count());
                for memory in section.clone() {
                    let memory = memory?;
                    let page = 1_u64 << memory.page_size_log2.unwrap_or(16).min(16);
                    let bytes = memory.initial.saturating_mul(page);
                    self.structure.memory_bytes = self.structure.memory_bytes.saturating_add(bytes);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The outermost imports and exports, by name, until their types are known.
#[derive(Default)]
struct Names {
    imports: Vec<String>,
    exports: Vec<(String, ComponentExternalKind)>,
}

impl Names {
    fn collect(&mut self, payload: &Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    self.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export?;
                    self.exports
                        .push((export.name.name.to_owned(), export.kind));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn resolve(&mut self, types: &wasmparser::types::Types, structure: &mut Structure) {
        let is_types_only =
            |entity: Option<&wasmparser::component_types::ComponentItem>| match entity
                .map(|item| item.ty)
            {
                Some(ComponentEntityType::Type { .. }) => true,
                Some(ComponentEntityType::Instance(id)) => types[id]
                    .exports
                    .values()
                    .all(|item| matches!(item.ty, ComponentEntityType::Type { .. })),
                _ => false,
            };
        for name in self.imports.drain(..) {
            let types_only = is_types_only(types.as_ref().component_item_for_import(&name));
            structure.imports.push(Item { name, types_only });
        }
        for (name, _) in self.exports.drain(..) {
            let types_only = is_types_only(types.as_ref().component_item_for_export(&name));
            structure.exports.push(Item { name, types_only });
        }
    }
}
