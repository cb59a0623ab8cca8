//! Walks the values of an input and hands each that is of a record's size to the delivery.

use std::io::Read;
use std::ops::ControlFlow;

use serde::de::IgnoredAny;

use crate::delivery::{Context, Delivery};
use crate::describe;
use crate::problem::{Place, ProblemKind};
use crate::resync;
use crate::salvage;
use crate::scanner::{Scanner, Step};
use crate::shape::is_elements;
use crate::window::Window;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How far behind a fault a value may still end: the largest event there is.
const LOOKAHEAD: usize = 1 << 20;

/// How much may be looked ahead in one input before a fault is taken as the value's end at once;
/// without this, an input of nothing but faults would take its square in time.
const LOOKAHEAD_TOTAL: usize = 64 << 20;

/// As much of a line as is looked at to tell what it is.
const LINE: usize = 1024;

pub(crate) struct Reader<'r, 'd, R> {
    window: Window<R>,
    delivery: &'r mut Delivery<'d>,
    outer: Option<Context<'r>>,
    /// How much may still be looked ahead.
    lookahead: usize,
}

/// A value that is being scanned.
struct Scan {
    scanner: Scanner,
    at: usize,
    began: Place,
    /// It was too large to hold, and only its end is looked for.
    oversize: bool,
    /// Its elements were delivered one by one, and only its end is looked for.
    streamed: bool,
}

enum Met {
    /// The value's end.
    Whole(usize),
    /// An array in the outermost object.
    Array(usize),
    /// A fault.
    Broken(usize),
    /// More brackets than a value of the largest size has bytes.
    Deep(usize),
    /// The end of the input.
    Cut,
}

/// Breaks when the sink wants no more.
type Flow = ControlFlow<()>;
const NEXT: Flow = ControlFlow::Continue(());

impl<'r, 'd, R: Read> Reader<'r, 'd, R> {
    pub(crate) fn new(window: Window<R>, delivery: &'r mut Delivery<'d>) -> Self {
        Self {
            window,
            delivery,
            outer: None,
            lookahead: LOOKAHEAD_TOTAL,
        }
    }

    /// A reader of a text inside a value.
    pub(crate) fn inside(
        window: Window<R>,
        delivery: &'r mut Delivery<'d>,
        context: Context<'r>,
    ) -> Self {
        Self {
            window,
            delivery,
            outer: Some(context),
            lookahead: LOOKAHEAD_TOTAL,
        }
    }

    /// Bytes as stored and decompressed.
    pub(crate) fn sizes(&self) -> (u64, u64) {
        (self.window.stored(), self.window.decompressed())
    }

    /// Reads all documents there are.
    pub(crate) fn input(&mut self) -> Flow {
        let mut empty = true;
        let _ = self.window.peek(describe::SIGNATURE);
        if let Some(format) = describe::signature(self.window.held()) {
            let place = self.window.place();
            self.problem(place, ProblemKind::NotJson(format.to_owned()));
            return NEXT;
        }
        while let Some(byte) = self.skip_space() {
            empty = false;
            match byte {
                b'{' => self.object()?,
                b'[' => {
                    let began = self.window.place();
                    self.window.consume(1);
                    self.elements(began)?;
                }
                _ => self.neither()?,
            }
        }
        let place = self.window.place();
        match self.window.damage() {
            Some(damage) => self.problem(place, damage),
            None if empty && self.outer.is_some() => {
                self.problem(place, ProblemKind::Foreign("an empty text".to_owned()));
            }
            None if empty => self.problem(place, ProblemKind::Empty),
            None => {}
        }
        NEXT
    }

    /// An object in the outermost place: a container whose elements are read one by one, or
    /// something to be held as a whole.
    fn object(&mut self) -> Flow {
        let mut scan = self.scan(true);
        loop {
            match self.drive(&mut scan) {
                Met::Array(at) if self.holds_elements(&scan) => {
                    self.window.consume(at + 1);
                    let began = scan.began;
                    if !self.elements(began)? {
                        return NEXT;
                    }
                    scan.scanner.skip_array();
                    scan.at = 0;
                    scan.streamed = true;
                }
                Met::Array(at) => {
                    scan.scanner.enter_array();
                    scan.at = at + 1;
                }
                met => return self.settle(&scan, &met, false),
            }
        }
    }

    /// The elements of an array that has just been opened; `false` if the input ends in it.
    fn elements(&mut self, began: Place) -> ControlFlow<(), bool> {
        let mut separated = true;
        while let Some(byte) = self.skip_space() {
            match byte {
                b']' => {
                    self.window.consume(1);
                    return ControlFlow::Continue(true);
                }
                b',' if !separated => {
                    self.window.consume(1);
                    separated = true;
                }
                b',' | b':' | b'}' => {
                    self.misplaced(byte);
                    self.window.consume(1);
                    resync::next(&mut self.window);
                    separated = true;
                }
                _ => {
                    if !separated {
                        self.misplaced(byte);
                    }
                    let mut scan = self.scan(false);
                    let met = self.drive(&mut scan);
                    self.settle(&scan, &met, byte == b'{')?;
                    separated = matches!(met, Met::Broken(_) | Met::Deep(_));
                    if matches!(met, Met::Cut) {
                        return ControlFlow::Continue(false);
                    }
                }
            }
        }
        self.cut(began);
        ControlFlow::Continue(false)
    }

    /// Something in the outermost place that is neither object nor array: a scalar, or text up
    /// to what looks like the next value.
    fn neither(&mut self) -> Flow {
        while self.window.held().len() < LINE
            && memchr::memchr(b'\n', self.window.held()).is_none()
            && self.window.more()
        {}
        let place = self.window.place();
        let held = self.window.held();
        let end = memchr::memchr(b'\n', held).map_or(held.len(), |end| end + 1);
        let line = &held[..end.min(LINE)];
        let mut scalars = serde_json::Deserializer::from_slice(line).into_iter::<IgnoredAny>();
        if let Some(Ok(_)) = scalars.next() {
            let length = scalars.byte_offset();
            let what = describe::value(line);
            let place = self.outer.map_or(place, |outer| outer.place);
            self.delivery.foreign(place, &line[..length], what);
            self.window.consume(length);
            return NEXT;
        }
        let what = describe::bytes(line);
        match self.outer {
            Some(outer) => self.delivery.foreign(outer.place, line, what),
            None => self.problem(place, ProblemKind::NotJson(what)),
        }
        self.window.consume(1);
        resync::next(&mut self.window);
        NEXT
    }

    fn scan(&mut self, pause: bool) -> Scan {
        let place = self.window.place();
        Scan {
            scanner: Scanner::new(
                pause,
                self.lookahead.min(LOOKAHEAD),
                self.delivery.limits.record,
            ),
            at: 0,
            began: self.outer.map_or(place, |outer| outer.place),
            oversize: false,
            streamed: false,
        }
    }

    /// Scans on until something is met, and drops what is not to be held.
    fn drive(&mut self, scan: &mut Scan) -> Met {
        loop {
            let step = scan.scanner.advance(self.window.held(), scan.at);
            let fault = scan.scanner.fault();
            match step {
                Step::Array(at) => return Met::Array(at),
                Step::Done(at) => {
                    scan.oversize |= at > self.delivery.limits.record;
                    return Met::Whole(at);
                }
                Step::Broken(at) => return self.give_up(fault.unwrap_or(at), at),
                Step::Deep(at) => return Met::Deep(at),
                Step::More(at) => {
                    scan.at = at;
                    scan.oversize |= at > self.delivery.limits.record;
                    if scan.oversize || scan.streamed {
                        self.drop_scanned(scan);
                    }
                    if !self.window.more() {
                        let fault = scan.scanner.fault();
                        return fault.map_or(Met::Cut, |fault| self.give_up(fault, scan.at));
                    }
                }
            }
        }
    }

    fn give_up(&mut self, fault: usize, at: usize) -> Met {
        self.lookahead = self.lookahead.saturating_sub(at.saturating_sub(fault));
        Met::Broken(fault)
    }

    fn drop_scanned(&mut self, scan: &mut Scan) {
        let mut count = scan.scanner.settled(scan.at);
        if scan.at - count > self.delivery.limits.record {
            count = scan.scanner.fault().unwrap_or(scan.at);
        }
        self.window.consume(count);
        scan.scanner.shift(count);
        scan.at -= count;
    }

    /// Whether the array just met is a container's elements, by its name.
    fn holds_elements(&self, scan: &Scan) -> bool {
        let key = scan.scanner.key();
        let Some(name) = self.window.held().get(key.clone()) else {
            return false;
        };
        if !name.contains(&b'\\') {
            return std::str::from_utf8(name).is_ok_and(is_elements);
        }
        let quoted = self
            .window
            .held()
            .get(key.start.saturating_sub(1)..=key.end);
        quoted
            .and_then(|quoted| serde_json::from_slice::<String>(quoted).ok())
            .is_some_and(|name| is_elements(&name))
    }

    /// Deals with a value that was scanned as far as it goes.
    fn settle(&mut self, scan: &Scan, met: &Met, certain: bool) -> Flow {
        match *met {
            Met::Whole(length) => {
                if scan.streamed {
                    if let Some(fault) = scan.scanner.fault() {
                        self.broken_at(scan, fault);
                    }
                } else if scan.oversize {
                    let limit = self.delivery.limits.record;
                    self.problem(scan.began, ProblemKind::Oversize(limit));
                } else {
                    let context = self.context(scan.began, certain);
                    self.delivery
                        .value(&self.window.held()[..length], context)?;
                }
                self.window.consume(length);
            }
            Met::Broken(fault) => {
                self.broken_at(scan, fault);
                let held = &self.window.held()[..fault];
                let whole = !scan.streamed && !scan.oversize;
                if whole && (certain || salvage::looks_like_record(held)) {
                    let context = self.context(scan.began, true);
                    self.delivery.broken(
                        held,
                        context,
                        "it does not end where it should".to_owned(),
                    )?;
                }
                self.window.consume(fault);
                resync::next(&mut self.window);
            }
            Met::Deep(at) => {
                let limit = self.delivery.limits.record;
                self.problem(scan.began, ProblemKind::Oversize(limit));
                self.window.consume(at);
                resync::next(&mut self.window);
            }
            Met::Cut | Met::Array(_) => self.cut(scan.began),
        }
        NEXT
    }

    fn context(&self, place: Place, certain: bool) -> Context<'r> {
        let outer = self.outer.unwrap_or(Context {
            place,
            level: 0,
            certain,
            event_id: None,
        });
        Context { certain, ..outer }
    }

    fn broken_at(&mut self, scan: &Scan, fault: usize) {
        let place = self.window.place_ahead(fault);
        let reason = format!("the value that begins at {} is broken here", scan.began);
        self.problem(place, ProblemKind::Syntax(reason));
    }

    fn misplaced(&mut self, byte: u8) {
        let place = self.window.place();
        let reason = format!("an unexpected '{}' between values", byte.escape_ascii());
        self.problem(place, ProblemKind::Syntax(reason));
    }

    /// The input ends inside a value. Where it ends by damage, that is the problem to be named.
    fn cut(&mut self, began: Place) {
        let rest = self.window.held().len();
        let place = self.window.place_ahead(rest);
        self.window.consume(rest);
        if !self.window.is_damaged() {
            self.problem(place, ProblemKind::Truncated { began });
        }
    }

    /// Problems inside a text are at the place of the value that holds it.
    fn problem(&mut self, place: Place, kind: ProblemKind) {
        let place = self.outer.map_or(place, |outer| outer.place);
        self.delivery.problem(place, kind);
    }

    /// The next byte that is not space, if there is one.
    fn skip_space(&mut self) -> Option<u8> {
        loop {
            let byte = self.window.peek(0)?;
            let held = self.window.held();
            let space = held
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
            if space > 0 {
                self.window.consume(space);
            } else if byte == BYTE_ORDER_MARK[0]
                && self.window.peek(2).is_some()
                && self.window.held().starts_with(BYTE_ORDER_MARK)
            {
                self.window.consume(BYTE_ORDER_MARK.len());
            } else {
                return Some(byte);
            }
        }
    }
}
