//! Signing in: how long somebody who failed must wait, what a password must be, and the second factor (TOTP, RFC 6238).
//!
//! Nothing here knows whether an address belongs to anybody: tries are judged the same for all, so that waiting tells nothing.

use std::net::IpAddr;

use totp_rs::{Builder, Secret, Totp};

use super::refusals::Violation;
use super::roles::Side;
use crate::base::text::{fold, hex};
use crate::base::time::{DAY, HOUR, Instant, MINUTE};

/// A session ends after this many idle seconds.
pub const IDLE_SECONDS: i64 = 30 * MINUTE;
/// The links of a forgotten password hold for this long.
pub const RESET_SECONDS: i64 = 30 * MINUTE;
/// The link that proves a mail address holds for this long.
pub const VERIFY_SECONDS: i64 = DAY;
/// An invitation holds for this long.
pub const INVITATION_SECONDS: i64 = 7 * DAY;
/// The second step of signing in must follow within this time.
pub const SECOND_STEP_SECONDS: i64 = 10 * MINUTE;
/// At most so many links of one kind are sent to one address within an hour.
pub const LINKS_AN_HOUR: i64 = 5;

/// The shortest password that is taken, in characters.
pub const SHORTEST: usize = 8;
/// The longest, in bytes: hashing must not be a way to keep the server busy.
pub const LONGEST_BYTES: usize = 200;

/// Failed tries count for this long against an account.
pub const ACCOUNT_WINDOW_SECONDS: i64 = HOUR;
/// Failed tries count for this long against a network.
pub const NETWORK_WINDOW_SECONDS: i64 = 15 * MINUTE;
/// A network from which an account was opened within this time is one of its usual places.
pub const USUAL_SECONDS: i64 = 30 * DAY;
/// Nobody waits longer than this after a failed try.
pub const LONGEST_WAIT_SECONDS: i64 = 15 * MINUTE;

/// How many failed tries there were and when the last one was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// How many.
    pub count: i64,
    /// The last one; `None` without any.
    pub last_at: Option<Instant>,
}

impl Failures {
    /// Until when to wait: nothing for the first `free` failures, then twice as long each time, at most a quarter of an hour.
    fn wait_until(self, free: i64, first_seconds: i64) -> Option<Instant> {
        let doublings = u32::try_from((self.count - free).clamp(0, 20)).unwrap_or_default();
        let wait = (first_seconds << doublings).min(LONGEST_WAIT_SECONDS);
        self.last_at.filter(|_| self.count >= free).map(|at| at.plus(wait))
    }
}

/// What is known about an account and the network it is tried from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tries {
    /// Of this account from this network, since it was last opened from there.
    pub here: Failures,
    /// Of this account from anywhere.
    pub anywhere: Failures,
    /// Of any account from this network.
    pub network: Failures,
    /// Whether this account was opened from this network lately.
    pub is_usual: bool,
}

/// Failed tries of one account from one network that cost nothing.
const FREE_HERE: i64 = 5;
/// Failed tries of one account from everywhere together that cost nothing.
const FREE_ANYWHERE: i64 = 20;
/// Failed tries of all accounts from one network that cost nothing; whole institutions share an address.
const FREE_NETWORK: i64 = 40;

impl Tries {
    /// Until when the next try must wait; `None` when it may come now. Somebody in a usual place waits for their own failures only:
    /// strangers who guess from elsewhere, or neighbours behind the same address, lock nobody out.
    #[must_use]
    pub fn wait_until(&self, now: Instant) -> Option<Instant> {
        let mut waits = vec![self.here.wait_until(FREE_HERE, 30)];
        if !self.is_usual {
            waits.push(self.anywhere.wait_until(FREE_ANYWHERE, 30));
            waits.push(self.network.wait_until(FREE_NETWORK, 5));
        }
        waits.into_iter().flatten().filter(|until| *until > now).max()
    }

    /// How many failures from here are left before the first wait, counting one that has just happened.
    #[must_use]
    pub fn left_after_one_more(&self) -> i64 {
        (FREE_HERE - self.here.count - 1).max(0)
    }
}

/// The network that tries are counted by: an IPv4 address, the first half of an IPv6 one.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Passwords that everybody tries first, folded.
const WORN: &[&str] = &[
    "12345678",
    "123456789",
    "1234567890",
    "11111111",
    "00000000",
    "88888888",
    "66666666",
    "12341234",
    "11223344",
    "87654321",
    "password",
    "password1",
    "passw0rd",
    "qwertyui",
    "qwerty123",
    "qwertyuiop",
    "1q2w3e4r",
    "1qaz2wsx",
    "asdfghjk",
    "zxcvbnm1",
    "abcd1234",
    "abc12345",
    "a1234567",
    "a12345678",
    "iloveyou",
    "woaini1314",
    "woaini520",
    "5201314520",
    "admin123",
    "admin1234",
    "administrator",
    "qingdao123",
    "letmein1",
    "welcome1",
    "yiqi1234",
];

/// What is wrong with a new password of a person with this mail address; `None` when nothing is. `field` is where it was typed.
#[must_use]
pub fn judge_password(field: &str, password: &str, email: &str) -> Option<Violation> {
    let (folded, email) = (fold(password), fold(email));
    let mut characters: Vec<char> = password.chars().collect();
    let count = characters.len();
    characters.sort_unstable();
    characters.dedup();
    let name = email.split('@').next().unwrap_or_default();
    if password.is_empty() {
        Some(Violation::required(field))
    } else if count < SHORTEST {
        Some(Violation::invalid(field, "password_short").with("least", SHORTEST))
    } else if password.len() > LONGEST_BYTES {
        Some(Violation::invalid(field, "password_long"))
    } else if characters.len() < 3 || WORN.contains(&folded.as_str()) {
        Some(Violation::invalid(field, "password_worn"))
    } else if folded == email || (name.len() >= SHORTEST && folded == name) {
        Some(Violation::invalid(field, "password_is_address"))
    } else {
        None
    }
}

/// Whether a text can be a mail address: one `@`, a dotted or plain host behind it, no blanks, 3 to 200 bytes of ASCII.
#[must_use]
pub fn is_address(folded: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_graphic() && !b"\"(),:;<>[\\]@".contains(&b))
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
    };
    folded.len() <= 200 && folded.split_once('@').is_some_and(|(name, host)| name.len() <= 64 && plain(name) && plain(host))
}

/// Whether a second factor can be asked of the people of a side (the bureau's own, and the platform's).
#[must_use]
pub const fn may_need_second_factor(side: Side) -> bool {
    matches!(side, Side::Bureau | Side::Platform)
}

/// The secret of a second factor: 20 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    bytes: Vec<u8>,
}

impl SecondFactor {
    /// A new one out of a random secret (64 hexadecimal digits).
    #[must_use]
    pub fn new(random: &str) -> Self {
        Self { bytes: random.bytes().collect::<Vec<_>>().chunks(2).take(20).filter_map(pair).collect() }
    }

    /// Reads what [`Self::stored`] wrote; `None` for anything else.
    #[must_use]
    pub fn read(stored: &str) -> Option<Self> {
        let bytes: Vec<u8> = stored.as_bytes().chunks(2).filter_map(pair).collect();
        (bytes.len() == 20 && stored.len() == 40).then_some(Self { bytes })
    }

    /// How it is stored: 40 hexadecimal digits.
    #[must_use]
    pub fn stored(&self) -> String {
        hex(&self.bytes)
    }

    fn totp(&self, account: &str) -> Option<Totp> {
        let name: String = account.chars().filter(|c| *c != ':').collect();
        Builder::new().with_secret(Secret::from(self.bytes.as_slice())).with_issuer(Some("Yiqi")).with_account_name(name).build().ok()
    }

    /// The address that an authenticator reads (`otpauth://…`); `account` is the person's mail address.
    #[must_use]
    pub fn address(&self, account: &str) -> String {
        self.totp(account).and_then(|totp| totp.to_url().ok()).unwrap_or_default()
    }

    /// The secret as it is typed by hand: base32 in groups of four.
    #[must_use]
    pub fn spelled(&self) -> String {
        let letters: Vec<char> = Secret::from(self.bytes.as_slice()).to_base32().chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// The time step whose code this is, now or one step (30 s) away; `None` for a wrong one. Blanks do not matter.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Instant) -> Option<i64> {
        let code: String = crate::base::text::narrow(code).chars().filter(|c| !c.is_whitespace()).collect();
        let step = self.totp("check")?.check(&code, u64::try_from(now.0).ok()?)?;
        i64::try_from(step).ok()
    }

    /// The code at an instant: for tests and demonstrations.
    #[must_use]
    pub fn code_at(&self, now: Instant) -> String {
        self.totp("check").map(|totp| totp.generate(u64::try_from(now.0).unwrap_or_default()).to_string()).unwrap_or_default()
    }
}

fn pair(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1_790_000_000);

    fn failures(count: i64, seconds_ago: i64) -> Failures {
        Failures { count, last_at: Some(NOW.plus(-seconds_ago)) }
    }

    #[test]
    fn waiting_grows_with_the_failures_and_never_passes_a_quarter_of_an_hour() {
        for (count, wait) in [(0, 0), (4, 0), (5, 30), (6, 60), (9, 480), (10, 900), (60, 900)] {
            let tries = Tries { here: failures(count, 0), ..Tries::default() };
            assert_eq!(tries.wait_until(NOW).map_or(0, |at| at.0 - NOW.0), wait, "{count}");
        }
        assert_eq!(Tries { here: failures(60, 900), ..Tries::default() }.wait_until(NOW), None);
    }

    #[test]
    fn a_usual_place_waits_for_its_own_failures_only() {
        let guessed = Tries { anywhere: failures(500, 1), network: failures(500, 1), ..Tries::default() };
        assert!(guessed.wait_until(NOW).is_some());
        assert_eq!(Tries { is_usual: true, ..guessed }.wait_until(NOW), None);
        assert!(Tries { is_usual: true, here: failures(5, 1), ..guessed }.wait_until(NOW).is_some());
    }

    #[test]
    fn an_ipv6_network_is_its_first_half() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6".parse().unwrap()), "2001:db8:1:2::/64");
        assert_eq!((network("9.8.7.6".parse().unwrap()), network("::ffff:9.8.7.6".parse().unwrap())), ("9.8.7.6".into(), "9.8.7.6".into()));
    }

    #[test]
    fn passwords_that_everybody_tries_are_not_taken() {
        for (password, why) in [
            ("", "required"),
            ("1234567", "password_short"),
            ("PASSWORD", "password_worn"),
            ("aaaabbbb", "password_worn"),
            ("liuyutong", "password_is_address"),
        ] {
            let violation = judge_password("password", password, "liuyutong@firm.test").unwrap();
            assert!(violation.code == why || violation.facts.iter().any(|(_, v)| v == why), "{password}: {violation:?}");
        }
        assert!(judge_password("password", &"长".repeat(80), "").is_some());
        assert_eq!(judge_password("password", "correct horse", "liu@firm.test"), None);
        assert_eq!(judge_password("password", "一二三四五六七八", "liu@firm.test"), None);
    }

    #[test]
    fn addresses_are_told_from_other_texts() {
        for right in ["a@b", "liu.yu@firm.example", "x+y@sub.firm.test"] {
            assert!(is_address(right), "{right}");
        }
        for wrong in ["", "a", "@b", "a@", "a b@c", "a@b@c", "a\n@b", "刘@firm.test", ".a@b", "a@b..c", "<a@b>"] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_code_holds_for_its_step_and_the_neighbours() {
        let factor = SecondFactor::new(&"3c".repeat(32));
        assert_eq!(SecondFactor::read(&factor.stored()), Some(factor.clone()));
        let code = factor.code_at(NOW);
        assert_eq!(code.len(), 6);
        assert!(factor.step_of(&format!(" {} {}", &code[..3], &code[3..]), NOW).is_some());
        assert_eq!(factor.step_of(&code, NOW.plus(30)), factor.step_of(&code, NOW));
        assert_eq!(factor.step_of(&code, NOW.plus(120)), None);
        assert_eq!(factor.step_of("", NOW), None);
        assert!(factor.address("liu:x@firm.test").starts_with("otpauth://totp/Yiqi:"), "{}", factor.address("liu@firm.test"));
        assert_eq!(factor.spelled().len(), 39);
    }
}
