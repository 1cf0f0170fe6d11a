//! Shows one turn: the answer as it streams, and in plain words how it ended.

use mini_llm_chat_engine::turn::{Channel, Ending, Observer, Report, TurnEvent, Unsaved};
use tokio_util::sync::CancellationToken;

use crate::screen::Screen;

/// How a turn looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// With `AI: ` before the answer, reasoning, and notices around it.
    Chat,
    /// The answer alone on standard output, everything else on standard error.
    Plain,
}

/// Shows the turn that it observes.
pub(crate) struct View<'a> {
    screen: &'a Screen,
    style: Style,
    cancel: CancellationToken,
    remember: Box<dyn Fn(&str) + Send + 'a>,
    last: Option<Channel>,
    at_line_start: bool,
}

impl<'a> View<'a> {
    /// `remember` gets the prompt in the form that the policy let pass.
    pub(crate) fn new(
        screen: &'a Screen,
        style: Style,
        cancel: CancellationToken,
        remember: impl Fn(&str) + Send + 'a,
    ) -> Self {
        Self {
            screen,
            style,
            cancel,
            remember: Box::new(remember),
            last: None,
            at_line_start: true,
        }
    }

    /// Ends the answer's last line and says what is to be said about it.
    pub(crate) fn finish(mut self, report: &Report) {
        self.end_line();
        for notice in notices(report) {
            self.screen.note(&notice);
        }
    }

    /// Ends the last line, where something was shown.
    pub(crate) fn end_line(&mut self) {
        if !self.at_line_start {
            self.put("\n");
        }
    }

    fn delta(&mut self, channel: Channel, text: &str) {
        if channel == Channel::Reasoning && self.style == Style::Plain {
            return;
        }
        if self.last.replace(channel) != Some(channel) {
            self.end_line();
            match (self.style, channel) {
                (Style::Chat, Channel::Reasoning) => self.put("(thinking) "),
                (Style::Chat, Channel::Refusal) => self.put("(the model refuses) "),
                _ => {}
            }
        }
        self.screen.put_foreign(text);
        self.at_line_start = text.ends_with('\n');
        if self.screen.is_closed() {
            self.cancel.cancel();
        }
    }

    fn put(&mut self, text: &str) {
        self.screen.put(text);
        self.at_line_start = text.ends_with('\n');
    }
}

impl Observer for View<'_> {
    fn observe(&mut self, event: TurnEvent<'_>) {
        match event {
            TurnEvent::Settled { turns } => self.screen.note(&settled(turns)),
            TurnEvent::Accepted { prompt, masked } => {
                (self.remember)(prompt);
                if !masked.is_empty() {
                    let kinds = masked.join(", ");
                    self.screen
                        .note(&format!("[masked before it was stored or sent: {kinds}]"));
                }
            }
            // What matters most comes first: a narrow terminal cuts the rest.
            TurnEvent::Waiting { seconds, limit } => self.screen.count_down(&format!(
                "[waiting {seconds} s for {limit}, Ctrl-C cancels ({})]",
                limit.remedy().replace('`', "")
            )),
            TurnEvent::Falling { reason, to } => {
                self.screen
                    .note(&format!("[{reason}; asking {to} instead]"));
            }
            TurnEvent::Answering { cached } => {
                if self.style == Style::Chat {
                    self.put(if cached { "AI (cached): " } else { "AI: " });
                    self.last = Some(Channel::Answer);
                }
            }
            TurnEvent::Delta { channel, text } => self.delta(channel, text),
        }
    }
}

/// For turns that waited for the database.
pub(crate) fn settled(turns: u32) -> String {
    match turns {
        1 => "[the database is back: the turn that waited is stored now]".to_owned(),
        _ => format!("[the database is back: {turns} turns that waited are stored now]"),
    }
}

/// What a person should know about an answer beside its text.
fn notices(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    match &report.ending {
        Ending::Complete => {}
        Ending::Length => {
            lines.push("[the answer reached the model's token limit (--max-tokens)]".to_owned())
        }
        Ending::Filter => lines.push("[the server's content filter ended the answer]".to_owned()),
        Ending::Unexplained => {
            lines.push("[the server ended the answer for a reason of its own]".to_owned());
        }
        Ending::Other(notice) => lines.push(format!("[{notice}]")),
        Ending::Cut(refused) => lines.push(format!("[the answer was cut: {refused}]")),
        Ending::Cancelled => lines.push("[stopped; the partial answer is kept]".to_owned()),
        Ending::Broken(failure) => {
            lines.push(format!(
                "[the answer broke off, what was shown is kept: {}]",
                failure.message
            ));
        }
    }
    // A cut or a broken connection has said already that the end is missing.
    let cut_by_server = matches!(
        report.ending,
        Ending::Length | Ending::Filter | Ending::Unexplained
    );
    if report.withheld && cut_by_server {
        lines.push(
            "[the end of the answer was withheld: cut there, it could be a part of a secret]"
                .to_owned(),
        );
    }
    if let Some(reason) = &report.unsaved {
        let yet = match reason {
            Unsaved::Waits(_) => " yet",
            _ => "",
        };
        lines.push(format!("[this turn is NOT stored{yet}: {reason}]"));
    }
    lines
}
