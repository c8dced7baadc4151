//! Journeys in a real browser through a demo city, from the sign-in to the money, with pictures of each page in two widths. Each journey has a
//! city of its own; `YIQI_SHOTS` names a folder into which the pictures go besides `target/shots`.
#![allow(missing_docs, clippy::disallowed_methods)]

mod booking;
mod city;
mod eyes;
mod listing;
mod places;
mod review;
