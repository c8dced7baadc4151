//! Floor 4: pages. Each file translates a request into an action and its outcome into a page; the words stand in `assets/text`,
//! the markup in `templates`. Start with [`page`], which every template holds.

pub mod assets;
