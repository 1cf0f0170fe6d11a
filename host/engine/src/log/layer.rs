//! From tracing into the queue.

use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer};

use super::level::{CRITICAL_TARGET, Level};
use super::record::Record;
use super::{Log, writer};

/// What every crate of the program begins its targets with.
const OWN_TARGETS: &str = "mini_llm_chat";

/// Own targets by level; those of libraries at most at `WARNING`: below that they may write out whole
/// requests.
pub(super) fn filter(level: Level, targets: &[(String, Level)]) -> Targets {
    let own = targets
        .iter()
        .filter(|(target, _)| target.starts_with(OWN_TARGETS));
    Targets::new()
        .with_default(level.filter().min(LevelFilter::WARN))
        .with_target(OWN_TARGETS, level.filter())
        .with_targets(own.map(|(target, level)| (target.clone(), level.filter())))
        .with_target(CRITICAL_TARGET, LevelFilter::ERROR)
}

/// Sends every event to the writer thread.
pub(super) struct PipelineLayer(Log);

impl PipelineLayer {
    pub(super) const fn new(log: Log) -> Self {
        Self(log)
    }
}

impl<S: Subscriber> Layer<S> for PipelineLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if writer::on_writer() {
            self.0.0.counters.dropped();
        } else {
            self.0.send(Record::of(event));
        }
    }
}
