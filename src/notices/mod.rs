//! Floor 2: words to the world outside. Turns a notice that an action left in the outbox into a mail with its calendar entry, and hands it over.
//!
//! Never called between begin and commit (house rule: nothing is told to the world inside a transaction). Start with [`mail`];
//! [`letter`] sets the words on the page, [`ical`] writes the calendar entry.

pub mod ical;
pub mod letter;
pub mod mail;
