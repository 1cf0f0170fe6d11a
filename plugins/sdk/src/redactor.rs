//! The kind of plugin that finds what must not be seen in a text.
//!
//! It only points: it returns ranges, and the host hides them. So a redactor can never add text, and
//! several of them compose as a union. It is called for batches of log records on the hot path: keep
//! compiled rules in `self` and avoid work for each text.

use crate::settings::{Problem, Settings};

pub use crate::bindings::commands::mini_llm_chat::plugin::types::Span;
pub use crate::bindings::redactor::exports::mini_llm_chat::plugin::redactor::{Found, Text};

/// Finds what must not be seen.
pub trait Redactor: Sized + 'static {
    /// Builds the value from the operator's settings, once an instance.
    ///
    /// # Errors
    /// What is wrong with the settings. It refuses the plugin at admission, as do keys that were
    /// set but never read, and values of another type than was asked for.
    fn configure(settings: &mut Settings) -> Result<Self, Vec<Problem>>;

    /// Names of what can be found: `[a-z0-9-]`, 1 to 40 characters each. [`Span::kind`] is an index
    /// into them. Read once, at admission.
    fn kinds(&self) -> Vec<String>;

    /// What must not be seen in one text: sorted, disjoint, non-empty ranges of UTF-8 bytes on
    /// character boundaries, at most 256. An invalid answer masks the whole text.
    fn find(&mut self, text: &Text) -> Found;
}

/// Makes spans as the contract wants them: sorted by start, and disjoint. Empty ones go; where two
/// overlap or touch in one kind they become one, and what else overlaps takes the kind of the first.
pub fn normalise(spans: &mut Vec<Span>) {
    spans.retain(|span| span.start < span.end);
    spans.sort_by_key(|span| (span.start, core::cmp::Reverse(span.end)));
    spans.dedup_by(|next, kept| {
        let joins = next.start < kept.end || (next.start == kept.end && next.kind == kept.kind);
        if joins {
            kept.end = kept.end.max(next.end);
        }
        joins
    });
}

/// Exports a type that implements [`redactor::Redactor`](crate::redactor::Redactor) as the component.
///
/// Once in a crate of type `cdylib`. See the crate's page for an example.
#[macro_export]
macro_rules! export_redactor {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::configurable::exports::mini_llm_chat::plugin::configurable;
            use $crate::bindings::redactor::exports::mini_llm_chat::plugin::redactor;
            use $crate::redactor::Redactor as _;

            ::std::thread_local! {
                static PLUGIN: $crate::private::Slot<$plugin> = const { $crate::private::Slot::new() };
            }

            fn with<R>(call: impl FnOnce(&mut $plugin) -> R) -> R {
                PLUGIN.with(|slot| slot.with(<$plugin>::configure, call))
            }

            struct Exported;

            impl redactor::Guest for Exported {
                fn kinds() -> ::std::vec::Vec<::std::string::String> {
                    with(|plugin| plugin.kinds())
                }

                fn find(texts: ::std::vec::Vec<redactor::Text>) -> ::std::vec::Vec<redactor::Found> {
                    with(|plugin| texts.iter().map(|text| plugin.find(text)).collect())
                }
            }

            impl configurable::Guest for Exported {
                fn check() -> ::std::vec::Vec<configurable::Problem> {
                    $crate::settings::check(<$plugin>::configure)
                }
            }

            $crate::bindings::redactor::export_redactor_world!(
                Exported with_types_in $crate::bindings::redactor
            );
            $crate::bindings::configurable::export_configurable_world!(
                Exported with_types_in $crate::bindings::configurable
            );
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u32, end: u32, kind: u16) -> Span {
        Span { start, end, kind }
    }

    #[test]
    fn normalised_spans_are_sorted_and_disjoint() {
        let mut spans = vec![span(8, 9, 0), span(0, 4, 1), span(2, 6, 0), span(3, 3, 0)];
        normalise(&mut spans);
        assert_eq!(spans, [span(0, 6, 1), span(8, 9, 0)]);
    }

    #[test]
    fn touching_spans_join_in_one_kind_only() {
        let mut spans = vec![span(0, 2, 0), span(2, 4, 0), span(4, 5, 1)];
        normalise(&mut spans);
        assert_eq!(spans, [span(0, 4, 0), span(4, 5, 1)]);
    }
}
