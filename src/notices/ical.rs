//! Calendar objects (RFC 5545): the component tree of the `ical` crate written as text, and the invitation that goes with a booking's mail.
//!
//! The crate's own writer is never used: it panics on Chinese parameters, escapes no TEXT and folds by characters.

use ical::parser::ical::component::{IcalCalendar, IcalEvent};
use ical::property::Property;

use crate::base::time::Instant;

/// Longest line in octets without its line end (RFC 5545, 3.1).
const LINE_BYTES: usize = 75;

/// What a calendar is to do with an object (RFC 5546).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Enter the event, or replace an earlier version of it.
    Request,
    /// Take the event out again.
    Cancel,
}

impl Method {
    /// The word of the standard.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// One event that one person is asked to enter, or to take out.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The same for every version of the event, for ever.
    pub uid: String,
    /// Rises with each version; a lower one is ignored by the calendar.
    pub sequence: i64,
    /// Enter or take out.
    pub method: Method,
    /// Asked for, not yet promised.
    pub tentative: bool,
    /// First second.
    pub starts_at: Instant,
    /// First second after it.
    pub ends_at: Instant,
    /// One line that says what it is.
    pub summary: String,
    /// Where; left out when empty.
    pub location: String,
    /// More about it, in lines; left out when empty. Never samples or purpose (rules.md 1).
    pub description: String,
    /// Name and mail address of the side that invites.
    pub organizer: (String, String),
    /// Name and mail address of the one invited.
    pub attendee: (String, String),
    /// When this version was made.
    pub stamp: Instant,
}

/// The calendar object of an invitation, all times in UTC.
#[must_use]
pub fn invitation(event: &Invitation) -> String {
    let status = match (event.method, event.tentative) {
        (Method::Cancel, _) => "CANCELLED",
        (Method::Request, true) => "TENTATIVE",
        (Method::Request, false) => "CONFIRMED",
    };
    let mut properties = vec![
        text("UID", &event.uid),
        plain("DTSTAMP", utc(event.stamp)),
        plain("SEQUENCE", event.sequence.to_string()),
        plain("DTSTART", utc(event.starts_at)),
        plain("DTEND", utc(event.ends_at)),
        text("SUMMARY", &event.summary),
        text("LOCATION", &event.location),
        text("DESCRIPTION", &event.description),
        plain("STATUS", status.into()),
        plain("TRANSP", "OPAQUE".into()),
        person("ORGANIZER", &event.organizer, &[]),
        person("ATTENDEE", &event.attendee, &[("ROLE", "REQ-PARTICIPANT"), ("PARTSTAT", "NEEDS-ACTION"), ("RSVP", "FALSE")]),
    ];
    properties.retain(|property| property.value.as_deref().is_some_and(|value| !value.is_empty()));
    let head = [("VERSION", "2.0"), ("PRODID", "-//Yiqi//Yiqi//ZH"), ("CALSCALE", "GREGORIAN"), ("METHOD", event.method.word())];
    write(&IcalCalendar {
        properties: head.iter().map(|(name, value)| plain(name, (*value).into())).collect(),
        events: vec![IcalEvent { properties, alarms: Vec::new() }],
        ..Default::default()
    })
}

/// A property whose value is TEXT: escaped here, blanks at both ends removed.
#[must_use]
pub fn text(name: &str, value: &str) -> Property {
    let mut escaped = String::with_capacity(value.len());
    for c in value.replace("\r\n", "\n").replace('\r', "\n").trim().chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    plain(name, escaped)
}

/// A property whose value stands as it is: dates, numbers, addresses, words of the standard.
#[must_use]
pub fn plain(name: &str, value: String) -> Property {
    Property { name: name.into(), params: None, value: Some(value) }
}

/// TEXT as a person wrote it: what the reader leaves escaped.
#[must_use]
pub fn unescape(value: &str) -> String {
    let (mut text, mut chars) = (String::with_capacity(value.len()), value.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            c => text.push(c),
        }
    }
    text
}

/// The instant as `20261014T010000Z`.
#[must_use]
pub fn utc(at: Instant) -> String {
    at.local().with_time_zone(jiff::tz::TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The text of a calendar with its events. Values must be escaped already ([`text`]); whatever they hold, no line is forged and none is too long.
#[must_use]
pub fn write(calendar: &IcalCalendar) -> String {
    let mut out = String::from("BEGIN:VCALENDAR\r\n");
    calendar.properties.iter().for_each(|property| write_property(&mut out, property));
    for event in &calendar.events {
        out.push_str("BEGIN:VEVENT\r\n");
        event.properties.iter().for_each(|property| write_property(&mut out, property));
        out.push_str("END:VEVENT\r\n");
    }
    out.push_str("END:VCALENDAR\r\n");
    out
}

fn person(name: &str, (called, address): &(String, String), params: &[(&str, &str)]) -> Property {
    let named = Some(("CN", called.as_str())).filter(|(_, called)| !called.trim().is_empty());
    let params = named.iter().chain(params).map(|(key, value)| ((*key).into(), vec![(*value).into()])).collect();
    Property { name: name.into(), params: Some(params), value: Some(format!("mailto:{address}")) }
}

fn write_property(out: &mut String, property: &Property) {
    let mut line = property.name.clone();
    for (key, values) in property.params.iter().flatten() {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        line = format!("{line};{key}={}", values.join(","));
    }
    line.push(':');
    line.extend(property.value.iter().flat_map(|value| value.chars()).filter(|c| !c.is_control()));
    fold(out, &line);
}

fn quoted(value: &str) -> String {
    // A double quote cannot be said at all inside a parameter.
    let clean: String = value.trim().chars().filter(|c| !c.is_control()).map(|c| if c == '"' { '\'' } else { c }).collect();
    if clean.is_empty() || clean.contains([',', ';', ':']) { format!("\"{clean}\"") } else { clean }
}

fn fold(out: &mut String, line: &str) {
    let (mut rest, mut room) = (line, LINE_BYTES);
    while rest.len() > room {
        let most = rest.floor_char_boundary(room);
        // Many readers drop blanks at the end of a line, so a line never ends in one if it can be helped.
        let solid = rest[..most].trim_end().len();
        let (head, tail) = rest.split_at(if solid == 0 { most } else { solid });
        out.push_str(head);
        out.push_str("\r\n ");
        (rest, room) = (tail, LINE_BYTES - 1);
    }
    out.push_str(rest);
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use ical::parser::Component as _;
    use proptest::prelude::*;

    fn sample() -> Invitation {
        Invitation {
            uid: "0199f1c2-7d1e@yiqi.example".into(),
            sequence: 2,
            method: Method::Request,
            tentative: false,
            starts_at: Instant(1_792_044_000),
            ends_at: Instant(1_792_053_000),
            summary: "场发射扫描电子显微镜，委托操作; YQ-7K3M9Q".into(),
            location: "崂山区科苑纬三路 17 号, 2 号楼 B107".into(),
            description: "联系：孙晓岚，0532-5557 0186\n到场后用手机扫仪器上的二维码签到。".into(),
            organizer: ("青岛崂山海洋材料研究院".into(), "yiqi@yiqi.example".into()),
            attendee: ("刘雨桐, \"采购\"".into(), "liu@example.cn".into()),
            stamp: Instant(1_791_000_000),
        }
    }

    fn read(text: &str) -> IcalEvent {
        let mut calendars: Vec<IcalCalendar> = ical::IcalParser::new(text.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(calendars.len(), 1);
        calendars.remove(0).events.remove(0)
    }

    fn value(event: &IcalEvent, name: &str) -> String {
        unescape(event.get_property(name).and_then(|property| property.value.as_deref()).unwrap_or_default())
    }

    #[test]
    fn an_invitation_reads_as_the_standard_wants_it() {
        insta::assert_snapshot!(invitation(&sample()).replace("\r\n", "\n"));
    }

    #[test]
    fn a_cancellation_says_so_twice() {
        let text = invitation(&Invitation { method: Method::Cancel, sequence: 3, ..sample() });
        assert!(text.contains("\r\nMETHOD:CANCEL\r\n") && text.contains("\r\nSTATUS:CANCELLED\r\n"), "{text}");
    }

    #[test]
    fn a_value_forges_no_line() {
        let text = write(&IcalCalendar { properties: vec![plain("UID", "a\r\nMETHOD:CANCEL".into())], ..Default::default() });
        assert!(text.contains("UID:aMETHOD:CANCEL\r\n"), "{text}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(summary in "[^\\p{Cc}]{1,200}", description in "(\\PC|[ ,;:\n\"\\\\　场]){0,300}", name in "[^\\p{Cc}\"]{0,90}") {
            let event = Invitation { summary, description, attendee: (name, "a@example.cn".into()), ..sample() };
            let text = invitation(&event);
            prop_assert!(text.split("\r\n").all(|line| line.len() <= LINE_BYTES && !line.contains(['\r', '\n'])));
            let back = read(&text);
            // The reader takes colons at the start of a value for part of the delimiter.
            prop_assert_eq!(value(&back, "SUMMARY"), event.summary.trim().trim_start_matches(':'));
            prop_assert_eq!(value(&back, "DESCRIPTION"), event.description.trim().trim_start_matches(':'));
            let params = back.get_property("ATTENDEE").and_then(|attendee| attendee.params.clone()).unwrap_or_default();
            let called = params.iter().find(|(key, _)| key == "CN").map_or("", |(_, values)| values[0].as_str());
            prop_assert_eq!(called, event.attendee.0.trim());
        }
    }
}
