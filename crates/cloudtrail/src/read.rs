//! The reader's public side: what goes in and what comes out.

use std::io::Read;
use std::ops::ControlFlow;

use crate::delivery::{Context, Delivery};
use crate::input::Input;
use crate::problem::{Problem, RecordHash, Unreadable};
use crate::reader::Reader;
use crate::record::Record;
use crate::shape::Glance;
use crate::window::Window;

/// What one input may cost. Memory grows to a small multiple of `record`, whatever the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one value that is read as a whole: a record, or an envelope with all that is in
    /// it. By default 16 MiB; CloudTrail and EventBridge allow 1 MB an event, and ten of those
    /// fit an envelope even if escaped twice.
    pub record: usize,
    /// Bytes of one input, decompressed. By default 64 GiB.
    pub input: u64,
    /// How many bytes a stored byte may decompress to, once an input has made 32 MiB. By default
    /// 250; `CloudTrail`'s files come to 10 or 20, the most that deflate can do is 1032.
    pub ratio: u64,
    /// How many times a container may hold another one in a text. By default 4; SNS in SQS with
    /// an EventBridge envelope needs 3.
    pub nesting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record: 16 << 20,
            input: 64 << 30,
            ratio: 250,
            nesting: 4,
        }
    }
}

/// What a reader meets, in the input's order.
#[derive(Debug)]
pub enum Item<'a> {
    /// A record that was asked for.
    Record(Found<'a>),
    /// A record that cannot be read.
    Unreadable(Unreadable),
}

/// A record and where it was found.
#[derive(Debug)]
pub struct Found<'a> {
    /// The record.
    pub record: Box<Record>,
    /// Bytes before it, after decompression. For a record inside another value's text, those
    /// before that value.
    pub byte: u64,
    pub(crate) raw: &'a [u8],
}

impl Found<'_> {
    /// Identifies the record's bytes. Computed when asked for, since few records need it.
    #[must_use]
    pub fn hash(&self) -> RecordHash {
        RecordHash::of(self.raw)
    }
}

/// What one input held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes as they are stored; of what is refused by its beginning, those that were read.
    pub bytes: u64,
    /// Bytes after decompression.
    pub decompressed: u64,
    /// Readable CloudTrail records, whether they were asked for or not.
    pub records: u64,
    /// Unreadable records.
    pub unreadable: u64,
    /// Digest files.
    pub digests: u64,
}

/// How reading one input went. Whatever could be read was delivered, whatever is said here.
#[derive(Debug)]
#[must_use]
pub struct Outcome {
    /// What it held.
    pub totals: Totals,
    /// What it held besides, in the input's order; the first hundred.
    pub problems: Vec<Problem>,
    /// How many problems there are beyond those.
    pub more_problems: u64,
    /// Whether no problem is one that [may hide records](crate::ProblemKind::may_hide_records).
    /// A record that is unreadable but ends where it should hides no other, and is an item.
    pub complete: bool,
    /// Whether the sink asked to stop. The totals are then those up to there.
    pub stopped: bool,
}

/// Reads every CloudTrail record of an input, whatever container they are in: log files,
/// LookupEvents answers, EventBridge, SQS, SNS and `CloudWatch` Logs envelopes in each other,
/// arrays, bare records; one document, several, or one a line; compressed with gzip or not.
///
/// `wanted` decides at a glance which records are read in full and handed to `sink`; the others
/// are checked to be JSON and counted. Memory is bounded by `limits`, and damage by what can be
/// recognised behind it as a beginning.
pub fn read(
    input: impl Read,
    limits: &Limits,
    wanted: impl Fn(&Glance<'_>) -> bool,
    mut sink: impl FnMut(Item<'_>) -> ControlFlow<()>,
) -> Outcome {
    let mut delivery = Delivery::new(limits, &wanted, &mut sink);
    let input = Input::new(input, limits.ratio);
    let mut reader = Reader::new(Window::new(input, limits.input), &mut delivery);
    let flow = reader.input();
    let (bytes, decompressed) = reader.sizes();
    let mut outcome = delivery.outcome;
    outcome.totals.bytes = bytes;
    outcome.totals.decompressed = decompressed;
    outcome.stopped = flow.is_break();
    outcome
}

/// Reads a text inside a record's container.
pub(crate) fn read_text(
    text: &str,
    context: Context<'_>,
    delivery: &mut Delivery<'_>,
) -> ControlFlow<()> {
    let window = Window::with_capacity(Input::plain(text.as_bytes()), u64::MAX, text.len() + 1);
    Reader::inside(window, delivery, context).input()
}
