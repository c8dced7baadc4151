//! How many requests a caller may make: generous for persons, narrower for strangers, narrow for sign-in tries.
//! Protection against floods only; it reads the monotonic clock of the process, never the product's.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Error;

/// The buckets of the process.
pub struct Limits {
    members: DefaultKeyedRateLimiter<String>,
    strangers: DefaultKeyedRateLimiter<IpAddr>,
    forms: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Limits")
    }
}

const fn quota(per_second: u32, burst: u32) -> Quota {
    let (Some(rate), Some(burst)) = (NonZeroU32::new(per_second), NonZeroU32::new(burst)) else { panic!("a quota is positive") };
    Quota::per_second(rate).allow_burst(burst)
}

/// The address that a caller is counted by. Who has one IPv6 address has the 2^64 beside it too, and could come with another each time.
fn bucket(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address @ IpAddr::V4(_) => address,
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            members: RateLimiter::dashmap(quota(6_000, 12_000)),
            strangers: RateLimiter::dashmap(quota(200, 1_000)),
            forms: RateLimiter::dashmap(quota(1, 60)),
            clock: DefaultClock::default(),
        }
    }
}

impl Limits {
    /// Counts a request of a known membership or instrument.
    ///
    /// # Errors
    /// [`Error::TooMany`] when it came too fast.
    pub fn count_member(&self, key: &str) -> Result<(), Error> {
        self.members.check_key(&key.to_owned()).map_err(|wait| Error::TooMany(wait.wait_time_from(self.clock.now()).as_secs() + 1))
    }

    /// Counts a request of a stranger by address.
    ///
    /// # Errors
    /// [`Error::TooMany`] when it came too fast.
    pub fn count_stranger(&self, address: IpAddr) -> Result<(), Error> {
        self.strangers.check_key(&bucket(address)).map_err(|wait| Error::TooMany(wait.wait_time_from(self.clock.now()).as_secs() + 1))
    }

    /// Counts a form that a stranger sends and that writes, hashes or sends mail, by address.
    ///
    /// # Errors
    /// [`Error::TooMany`] when it came too fast.
    pub fn count_form(&self, address: IpAddr) -> Result<(), Error> {
        self.forms.check_key(&bucket(address)).map_err(|wait| Error::TooMany(wait.wait_time_from(self.clock.now()).as_secs() + 1))
    }

    /// Forgets callers who have not come for a while.
    pub fn forget_idle(&self) {
        self.members.retain_recent();
        self.strangers.retain_recent();
        self.forms.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_one_network_share_one_limit() {
        let same = |one: &str, other: &str| bucket(one.parse().unwrap()) == bucket(other.parse().unwrap());
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9") && !same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:203.0.113.7", "203.0.113.7") && !same("203.0.113.7", "203.0.113.8"));
        let limits = Limits::default();
        let refused = (0..200_u32).filter(|n| limits.count_form(format!("2001:db8::{n:x}").parse().unwrap()).is_err()).count();
        assert!(refused > 0, "two hundred forms at once from one network");
    }
}
