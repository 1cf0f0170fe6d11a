//! Step 5: the answer streams; every delta of every channel is reviewed before it is shown.
//!
//! A channel has a review of its own ([`ChannelReview`]). When one ends the answer, by a rule or by failing, the
//! request is dropped with it, which closes the connection. What the policies still hold back at the end is
//! asked for once, with the word whether the answer is whole. Reasoning is over when the answer begins: what is held
//! back of it is asked for then, so that it is not shown in the middle of what follows.

use mini_llm_chat_sandbox::contract::Channel;
use mini_llm_chat_sandbox::{Fault, Judgement, PolicyTurn, Shown};

use super::ask::{Asked, Source};
use super::channel::ChannelReview;
use super::{Context, Ending, Observer, Refused, TurnError, TurnEvent};
use crate::upstream::{self, Answer, Event, FinishReason};

/// Deltas that arrive together are reviewed together up to this size, so that a burst still shows as it comes.
const STEP_BYTES: usize = 1024;

/// A longer answer is cut: no model writes so much, and all of it is stored.
const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;

/// So many parts of an answer are ended for what follows them. A server that changes the channel with every word costs no
/// more instances of the policies than that.
const MAX_ENDED_PARTS: usize = 16;

/// What came of the stream.
pub(super) struct Answered {
    /// The answer as shown, a refusal on lines of its own after or before it.
    pub(super) text: String,
    /// What the model thought, which costs like the answer.
    pub(super) reasoning: String,
    pub(super) ending: Ending,
    pub(super) cached: bool,
    pub(super) masked: u32,
    /// The end was withheld, see [`super::Report::withheld`].
    pub(super) withheld: bool,
    /// What each policy found in the answer, channel by channel.
    pub(super) judgements: Vec<Judgement>,
    /// As the server reported it.
    pub(super) usage: Option<upstream::Usage>,
    /// Under which the answer may be cached.
    pub(super) key: crate::cache::Key,
    /// The model that answered.
    pub(super) model: String,
}

/// Reads the answer to its end, whatever that is.
///
/// # Errors
/// When nothing at all was shown and the answer did not come to a regular end.
pub(super) async fn run(
    turn: &Context<'_>,
    policy: PolicyTurn,
    asked: Asked,
    observer: &mut dyn Observer,
) -> Result<Answered, TurnError> {
    let mut reader = Reader::new(turn, policy, observer);
    let (ended, cached) = match asked.source {
        Source::Cache(text) => (reader.replay(&text), true),
        Source::Stream(stream) => (reader.read(*stream).await, false),
    };
    let ending = reader.finish(ended).await;
    let Reader {
        text,
        reasoning,
        masked,
        withheld,
        usage,
        reviews,
        mut judgements,
        ..
    } = reader;
    judgements.extend(reviews.iter().flat_map(ChannelReview::judgements));
    match ending {
        Ending::Broken(failure) if text.is_empty() => Err(TurnError::Upstream(failure)),
        Ending::Cancelled if text.is_empty() => Err(TurnError::Cancelled),
        ending => Ok(Answered {
            text,
            reasoning,
            ending,
            cached,
            masked,
            withheld,
            judgements,
            usage,
            key: asked.key,
            model: asked.model,
        }),
    }
}

struct Reader<'a> {
    turn: &'a Context<'a>,
    policy: PolicyTurn,
    observer: &'a mut dyn Observer,
    /// Those that go on, one for each channel at most.
    reviews: Vec<ChannelReview>,
    ended_parts: usize,
    /// Of the parts that have ended.
    judgements: Vec<Judgement>,
    begun: bool,
    text: String,
    /// Of the text's last piece.
    last: Option<Channel>,
    refused: bool,
    reasoning: String,
    masked: u32,
    withheld: bool,
    usage: Option<upstream::Usage>,
}

/// Why reading stopped, before the last step of the review.
enum Ended {
    Regular(FinishReason),
    Cut(Refused),
    Closed(Fault),
    Cancelled,
    Broken(upstream::UpstreamError),
}

impl<'a> Reader<'a> {
    fn new(turn: &'a Context<'a>, policy: PolicyTurn, observer: &'a mut dyn Observer) -> Self {
        Self {
            turn,
            policy,
            observer,
            reviews: Vec::new(),
            ended_parts: 0,
            judgements: Vec::new(),
            begun: false,
            text: String::new(),
            last: None,
            refused: false,
            reasoning: String::new(),
            masked: 0,
            withheld: false,
            usage: None,
        }
    }

    /// A cached answer passes like a stream of one delta.
    fn replay(&mut self, text: &str) -> Ended {
        self.begin(true);
        self.delta(Channel::Answer, text)
            .unwrap_or(Ended::Regular(FinishReason::Stop))
    }

    async fn read(&mut self, mut stream: Answer) -> Ended {
        let (mut finish, mut ahead) = (None, None);
        loop {
            let next = match ahead.take() {
                Some(next) if !self.turn.cancel.is_cancelled() => Some(next),
                _ => tokio::select! {
                    biased;
                    () = self.turn.cancel.cancelled() => return Ended::Cancelled,
                    next = stream.next() => next,
                },
            };
            match next {
                Some(Ok(Event::Delta { channel, mut text })) => {
                    ahead = gather(&mut stream, channel, &mut text);
                    self.begin(false);
                    if let Some(ended) = self.delta(channel_of(channel), &text) {
                        return ended;
                    }
                }
                Some(Ok(Event::Usage(usage))) => self.usage = Some(usage),
                Some(Ok(Event::Finish { reason })) => finish = Some(reason),
                Some(Err(error)) => return Ended::Broken(error),
                // The stream ends without an error only after a finish reason.
                None => return Ended::Regular(finish.unwrap_or(FinishReason::Stop)),
            }
        }
    }

    fn begin(&mut self, cached: bool) {
        if !std::mem::replace(&mut self.begun, true) {
            self.observer.observe(TurnEvent::Answering { cached });
        }
    }

    /// Reviews one delta and shows what may be seen of it.
    fn delta(&mut self, channel: Channel, text: &str) -> Option<Ended> {
        if let Some(ended) = self.end_others(channel) {
            return Some(ended);
        }
        let shown = match self.review_of(channel) {
            Ok(review) => review.push(text),
            Err(fault) => return Some(Ended::Closed(fault)),
        };
        match shown {
            Ok(shown) => self.show(channel, shown).map(Ended::Cut),
            Err(fault) => Some(Ended::Closed(fault)),
        }
    }

    /// Answer and refusal end what came before on other channels, and show what was held back of it. Reasoning ends
    /// nothing: what is thought in the middle of an answer must not hide that a secret goes on behind it.
    fn end_others(&mut self, channel: Channel) -> Option<Ended> {
        if channel == Channel::Reasoning {
            return None;
        }
        let other = |review: &ChannelReview| review.channel != channel;
        while self.ended_parts < MAX_ENDED_PARTS {
            let mut review = self.reviews.remove(self.reviews.iter().position(other)?);
            self.ended_parts += 1;
            let last = review.end(true);
            self.judgements.extend(review.judgements());
            let ended = match last {
                Ok(shown) => self.show(review.channel, shown).map(Ended::Cut),
                Err(fault) => Some(Ended::Closed(fault)),
            };
            if ended.is_some() {
                return ended;
            }
        }
        None
    }

    fn review_of(&mut self, channel: Channel) -> Result<&mut ChannelReview, Fault> {
        let at = match self
            .reviews
            .iter()
            .position(|review| review.channel == channel)
        {
            Some(at) => at,
            None => {
                let output = self.policy.output(channel)?;
                let secrets = self.turn.engine.secrets();
                let review = ChannelReview::new(channel, secrets, output);
                self.reviews.push(review);
                self.reviews.len() - 1
            }
        };
        Ok(&mut self.reviews[at])
    }

    /// Shows the released text; returns the rule, if one ends the answer here.
    fn show(&mut self, channel: Channel, shown: Shown) -> Option<Refused> {
        self.masked = self.masked.saturating_add(shown.masked);
        if !shown.text.is_empty() {
            self.observer.observe(TurnEvent::Delta {
                channel,
                text: &shown.text,
            });
            if channel == Channel::Reasoning {
                self.reasoning.push_str(&shown.text);
            } else {
                self.keep(channel, &shown.text);
            }
        }
        if self.text.len() + self.reasoning.len() > MAX_ANSWER_BYTES {
            return Some(Refused::Rule {
                plugin: "host".to_owned(),
                rule: "answer-too-long".to_owned(),
                explanation: "The answer is longer than 2 MiB.".to_owned(),
            });
        }
        shown.cut.map(Refused::from)
    }

    /// Adds to the text of the answer, in the order in which it is shown.
    fn keep(&mut self, channel: Channel, text: &str) {
        let goes_on = self
            .last
            .replace(channel)
            .is_none_or(|last| last == channel);
        if !goes_on && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.refused |= channel == Channel::Refusal;
    }

    /// Takes the last step of each review and says how the answer ended.
    async fn finish(&mut self, ended: Ended) -> Ending {
        let complete = matches!(&ended, Ended::Regular(reason) if reason.is_whole());
        // After a fault nothing is asked of that policy any more, and nothing held back is shown.
        let last = match &ended {
            Ended::Cut(_) | Ended::Closed(_) => None,
            _ => self.release_held(complete),
        };
        match last.unwrap_or(ended) {
            Ended::Regular(FinishReason::Length) => Ending::Length,
            Ended::Regular(FinishReason::ContentFilter) => Ending::Filter,
            Ended::Regular(FinishReason::Other(_)) => Ending::Unexplained,
            Ended::Regular(_) if self.refused => Ending::Other("the model refused to answer"),
            Ended::Regular(reason) => reason.notice().map_or(Ending::Complete, Ending::Other),
            Ended::Cut(refused) => Ending::Cut(refused),
            Ended::Closed(fault) => {
                self.turn.fault(&fault).await;
                Ending::Cut(Refused::Fault(fault.to_string()))
            }
            Ended::Cancelled => Ending::Cancelled,
            Ended::Broken(error) => Ending::Broken(self.turn.engine.explain(&error)),
        }
    }

    fn release_held(&mut self, complete: bool) -> Option<Ended> {
        let mut reviews = std::mem::take(&mut self.reviews);
        let alone = reviews.len() == 1;
        let ended = reviews
            .iter_mut()
            .find_map(|review| match review.end(complete) {
                Ok(shown) => {
                    // What was thought before an answer is not its end.
                    self.withheld |=
                        shown.withheld && (alone || review.channel != Channel::Reasoning);
                    self.show(review.channel, shown).map(Ended::Cut)
                }
                Err(fault) => Some(Ended::Closed(fault)),
            });
        self.reviews = reviews;
        ended
    }
}

/// Adds the deltas of the same channel that have arrived already: a burst is reviewed and shown in a few
/// steps instead of hundreds. Waits for nothing. Returns what came after them, if that has arrived too.
fn gather(
    stream: &mut Answer,
    channel: upstream::Channel,
    text: &mut String,
) -> Option<Result<Event, upstream::UpstreamError>> {
    while text.len() < STEP_BYTES {
        match stream.arrived()? {
            Ok(Event::Delta {
                channel: same,
                text: more,
            }) if same == channel => text.push_str(&more),
            other => return Some(other),
        }
    }
    None
}

fn channel_of(channel: upstream::Channel) -> Channel {
    match channel {
        upstream::Channel::Answer => Channel::Answer,
        upstream::Channel::Reasoning => Channel::Reasoning,
        upstream::Channel::Refusal => Channel::Refusal,
    }
}
