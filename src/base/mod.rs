//! Floor 0: values that every other floor speaks in. Nothing here knows the domain, SQL, HTTP or the network.
//!
//! Start with [`time`] (instants, days, the zone), [`money`] and [`ids`]; [`words`] makes the closed vocabularies.

pub mod chance;
pub mod format;
pub mod ids;
pub mod lang;
pub mod money;
pub mod paging;
pub mod region;
pub mod text;
pub mod time;
pub mod uscc;
pub mod words;
