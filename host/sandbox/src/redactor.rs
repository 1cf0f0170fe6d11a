//! Redaction by every active redactor: what any of them finds is hidden.
//!
//! Instances are warm and long-lived, because a fresh one may have automata to build. They are owned by
//! whoever redacts, such as the one log-writer thread, and replaced now and then so that nothing grows
//! or lingers in them. [`Redactor::redact`] never fails: a text that a redactor could not judge becomes a
//! marker, and so do the few texts that were given to it at once.

use std::ops::Range;
use std::sync::Arc;

use wasmtime::Engine;

use crate::component::{Admitted, Meta};
use crate::contract::Plugin;
use crate::contract::redactor as bindings;
use crate::contract::redactor::exports::mini_llm_chat::plugin::redactor as interface;
use crate::error::Problem;
use crate::fault::{Fault, FaultCause, Nonsense};
use crate::guest::{Blueprint, Export, Guest};
use crate::limits;
use crate::linker;
use crate::meter::Data;
use crate::pieces::{self, Piece};
use crate::sources::Sources;
use crate::span::{self, Mask};
use crate::tables;

const KINDS: Export = Export {
    name: "kinds",
    bit: 0,
};
const FIND: Export = Export {
    name: "find",
    bit: 1,
};

/// The kind that is shown where a redactor failed.
pub const FAULT_KIND: &str = "plugin-fault";

/// The kind that is shown where there was too much to hide in a text.
pub const DENSE_KIND: &str = "too-many-matches";

/// A text to redact.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// Texts of one source belong together and are given in order; a secret may go on from one to the next.
    pub source: u32,
    /// The text, unescaped.
    pub content: &'a str,
}

/// A text without what must not be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// With `[redacted:KIND]` in the place of what was found.
    pub text: String,
    /// How many markers are in `text`.
    pub masked: u32,
    /// The redactor that failed on it; the whole text is then one marker.
    pub fault: Option<Fault>,
}

/// What must not be seen of a text, for whoever keeps the text in another form than UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// Sorted and disjoint.
    pub hidden: Vec<Hidden>,
    /// The redactor that failed on the text; all of it is then hidden.
    pub fault: Option<Fault>,
}

/// A part of a text that must not be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Bytes of the text, on character boundaries. Empty only where the whole text is.
    pub range: Range<usize>,
    /// What stands in its place, such as `[redacted:api-key]`.
    pub marker: String,
}

/// An admitted redactor, ready to be instantiated.
pub struct RedactorPre {
    blueprint: Blueprint,
    pre: bindings::RedactorPre<Data>,
    kinds: Vec<Arc<str>>,
}

impl RedactorPre {
    /// Links the component, reads and checks its kinds, asks it about its settings, and lets it judge a
    /// harmless text.
    ///
    /// # Errors
    /// Every problem that was found.
    pub fn new(engine: &Engine, admitted: &Admitted) -> Result<Self, Vec<Problem>> {
        let instance_pre = linker::link(engine, admitted)?;
        let mut redactor = Self {
            pre: bindings::RedactorPre::new(instance_pre).map_err(tables::not_this_kind)?,
            blueprint: Blueprint::new(engine, admitted, limits::REDACTOR),
            kinds: Vec::new(),
        };
        tables::check_settings(&redactor.blueprint, admitted, redactor.pre.instance_pre())?;
        let mut guest = redactor.start().map_err(tables::failed_call)?;
        let cpu = redactor.blueprint.ceilings().cpu;
        let kinds = guest.call(&redactor.blueprint, KINDS, cpu, |redactor, store| {
            redactor.mini_llm_chat_plugin_redactor().call_kinds(store)
        });
        redactor.kinds = tables::kinds(kinds.map_err(tables::failed_call)?)?;
        let probe = Piece {
            text: 0,
            start: 0,
            seen: 0,
            content: "hello",
        };
        redactor
            .find(&mut guest, &[probe], &[0])
            .map_err(tables::failed_call)?;
        Ok(redactor)
    }

    /// Name, digest, settings and grants.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        self.blueprint.meta()
    }

    /// The plugin with its live state and fault count.
    #[must_use]
    pub fn plugin(&self) -> Plugin {
        self.blueprint.plugin()
    }

    /// Names of what it can find.
    pub fn kinds(&self) -> impl ExactSizeIterator<Item = &str> {
        self.kinds.iter().map(AsRef::as_ref)
    }

    fn start(&self) -> Result<Guest<bindings::Redactor>, Fault> {
        Guest::start(&self.blueprint, |store| self.pre.instantiate(store))
    }

    /// Gives a batch to an instance and checks what it found. `sources` has one entry for each piece.
    fn find(
        &self,
        guest: &mut Guest<bindings::Redactor>,
        batch: &[Piece<'_>],
        sources: &[u32],
    ) -> Result<Vec<Found>, Fault> {
        let texts: Vec<interface::Text<'_>> = batch
            .iter()
            .zip(sources)
            .map(|(piece, &source)| interface::Text {
                source,
                seen: u32::try_from(piece.seen).unwrap_or(u32::MAX),
                content: piece.content,
            })
            .collect();
        guest.forgive_host_calls();
        let cpu = self.blueprint.ceilings().cpu;
        let found = guest.call(&self.blueprint, FIND, cpu, |redactor, store| {
            let exports = redactor.mini_llm_chat_plugin_redactor();
            exports.call_find(store, &texts)
        })?;
        let checked = self
            .check(batch, &found)
            .map_err(|nonsense| guest.condemn(&self.blueprint, FIND.name, nonsense.into()))?;
        self.blueprint.succeeded();
        Ok(checked)
    }

    fn check(
        &self,
        batch: &[Piece<'_>],
        found: &[interface::Found],
    ) -> Result<Vec<Found>, Nonsense> {
        if found.len() != batch.len() {
            return Err(Nonsense::Count);
        }
        let check = |(piece, found): (&Piece<'_>, &interface::Found)| {
            if found
                .open
                .is_some_and(|kind| usize::from(kind) >= self.kinds.len())
            {
                return Err(Nonsense::Index);
            }
            let open = found.open.is_some();
            // An honest redactor may meet a text that is nothing but addresses: hidden whole, no fault.
            if found.spans.len() > limits::SPANS_PER_TEXT {
                return Ok(Found {
                    masks: Masks::Whole,
                    open,
                });
            }
            let masks = span::check(piece.content, &found.spans, &self.kinds)?;
            Ok(Found {
                masks: Masks::Some(masks),
                open,
            })
        };
        batch.iter().zip(found).map(check).collect()
    }
}

/// What a redactor found in a piece, checked.
struct Found {
    masks: Masks,
    open: bool,
}

enum Masks {
    Some(Vec<Mask>),
    Whole,
}

/// Warm instances of every active redactor.
pub struct Redactor {
    lanes: Vec<Lane>,
}

/// One redactor with its instance.
struct Lane {
    pre: Arc<RedactorPre>,
    guest: Option<Guest<bindings::Redactor>>,
    /// Texts that this lane was given.
    texts: u64,
    /// Texts after which the instance is replaced.
    replace_at: u64,
    sources: Sources,
}

/// What is known of a text while it is redacted.
#[derive(Default)]
struct Progress {
    masks: Vec<Mask>,
    whole: Option<&'static str>,
    fault: Option<Fault>,
}

impl Redactor {
    /// Prepares redaction; instances are made at the first text, or by [`Self::warm`].
    #[must_use]
    pub fn new(redactors: &[Arc<RedactorPre>]) -> Self {
        Self {
            lanes: redactors.iter().map(Lane::new).collect(),
        }
    }

    /// Makes the instances and calls each once, so that the first text need not wait for it.
    ///
    /// # Errors
    /// The first fault. Redaction works nevertheless: it tries anew, and masks what it must.
    pub fn warm(&mut self) -> Result<(), Fault> {
        self.lanes
            .iter_mut()
            .try_for_each(|lane| lane.find(&[], &[]).map(drop))
    }

    /// Redacts texts: one answer for each, in order.
    pub fn redact(&mut self, texts: &[Text<'_>]) -> Vec<Redaction> {
        let finish = |(text, progress): (&Text<'_>, Progress)| progress.finish(text.content);
        texts.iter().zip(self.judge(texts)).map(finish).collect()
    }

    /// As [`Self::redact`], but says what to hide instead of hiding it.
    pub fn find(&mut self, texts: &[Text<'_>]) -> Vec<Masked> {
        let point = |(text, progress): (&Text<'_>, Progress)| progress.point(text.content);
        texts.iter().zip(self.judge(texts)).map(point).collect()
    }

    /// Whether a source ended inside a secret, or may have, because the instance that knew is gone. Only then does
    /// it matter which redactor is given its next text.
    #[must_use]
    pub fn is_inside_secret(&self, source: u32) -> bool {
        self.lanes.iter().any(|lane| lane.sources.knows(source))
    }

    fn judge(&mut self, texts: &[Text<'_>]) -> Vec<Progress> {
        let mut progress: Vec<Progress> = texts.iter().map(|_| Progress::default()).collect();
        for lane in &mut self.lanes {
            lane.redact(texts, &mut progress);
        }
        progress
    }
}

impl Progress {
    fn finish(self, content: &str) -> Redaction {
        if let Some(kind) = self.whole {
            return Redaction {
                text: span::marker(kind),
                masked: 1,
                fault: self.fault,
            };
        }
        let masks = span::union(self.masks);
        Redaction {
            text: span::apply(content, &masks),
            masked: u32::try_from(masks.len()).unwrap_or(u32::MAX),
            fault: None,
        }
    }

    fn point(self, content: &str) -> Masked {
        let hidden = match self.whole {
            Some(kind) => vec![Hidden {
                range: 0..content.len(),
                marker: span::marker(kind),
            }],
            None => span::union(self.masks)
                .into_iter()
                .map(|mask| Hidden {
                    range: mask.range,
                    marker: span::marker(&mask.kind),
                })
                .collect(),
        };
        Masked {
            hidden,
            fault: self.fault,
        }
    }

    fn fail(&mut self, fault: Option<Fault>) {
        self.whole = Some(FAULT_KIND);
        self.fault = self.fault.take().or(fault);
    }
}

impl Lane {
    fn new(pre: &Arc<RedactorPre>) -> Self {
        Self {
            pre: Arc::clone(pre),
            guest: None,
            texts: 0,
            replace_at: limits::RECYCLE_AFTER_TEXTS,
            sources: Sources::default(),
        }
    }

    fn redact(&mut self, texts: &[Text<'_>], progress: &mut [Progress]) {
        let mut pieces = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            pieces.extend(pieces::cut(index, text.content));
        }
        for batch in pieces::batches(&pieces) {
            self.redact_batch(texts, batch, progress);
        }
    }

    fn redact_batch(&mut self, texts: &[Text<'_>], batch: &[Piece<'_>], progress: &mut [Progress]) {
        let mut asked = Vec::with_capacity(batch.len());
        let mut sources = Vec::with_capacity(batch.len());
        for piece in batch {
            self.texts += 1;
            let source = texts[piece.text].source;
            if self.sources.masks(source, piece.content, self.texts) {
                progress[piece.text].fail(None);
            } else {
                asked.push(*piece);
                sources.push(source);
            }
        }
        if asked.is_empty() {
            return;
        }
        match self.find(&asked, &sources) {
            Ok(found) => {
                for ((piece, &source), found) in asked.iter().zip(&sources).zip(found) {
                    self.sources.note(source, found.open, self.texts);
                    let progress = &mut progress[piece.text];
                    match found.masks {
                        Masks::Whole => _ = progress.whole.get_or_insert(DENSE_KIND),
                        Masks::Some(masks) => {
                            let shifted = masks.into_iter().map(|mask| mask.shifted(piece.start));
                            progress.masks.extend(shifted);
                        }
                    }
                }
            }
            Err(fault) => {
                let lost = sources
                    .iter()
                    .copied()
                    .zip(asked.iter().map(|piece| piece.content));
                self.sources.lose(lost, self.texts);
                for piece in &asked {
                    progress[piece.text].fail(Some(fault.clone()));
                }
            }
        }
    }

    /// Asks the warm instance, or a new one if there is none or it has served long enough.
    fn find(&mut self, batch: &[Piece<'_>], sources: &[u32]) -> Result<Vec<Found>, Fault> {
        if self.pre.blueprint.is_isolated() {
            let after = limits::ISOLATE_AFTER_FAULTS;
            let cause = FaultCause::Isolated { after };
            return Err(self.pre.blueprint.describe(FIND.name, cause));
        }
        if self.texts >= self.replace_at && !self.sources.any_open(self.texts) {
            self.guest = None;
        }
        let mut guest = match self.guest.take() {
            Some(guest) => guest,
            None => {
                self.replace_at = self.texts + limits::RECYCLE_AFTER_TEXTS;
                self.pre.start()?
            }
        };
        let found = self.pre.find(&mut guest, batch, sources)?;
        self.guest = Some(guest);
        Ok(found)
    }
}
