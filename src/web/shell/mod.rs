//! The shell of a page and its parts: what every template holds ([`Page`]), what a refused form keeps ([`FormState`]), and the
//! typed parts that the server draws (week, lanes, bars, heat map, pager).
//!
//! Nothing here reads a request, a session or the database: it is given what it shows.

pub mod charts;
pub mod forms;
pub mod html;
pub mod lanes;
pub mod nav;
pub mod page;
pub mod pager;
pub mod pages;
pub mod qr;
pub mod week;

pub use charts::{Bar, Bars, Heat, Purse, Scale};
pub use forms::{Choice, Fault, FormState};
pub use html::{Html, Plain, render};
pub use lanes::{Lane, LaneBlock, Lanes};
pub use nav::NavItem;
pub use page::{Flash, Page, PersonHead};
pub use pager::Pager;
pub use pages::{DocsPage, LoginPage, MembershipChoice, ProblemPage, SwitchPage};
pub use week::{Block, BlockKind, Week, WeekDay};
