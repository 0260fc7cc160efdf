//! The drills, used as a reader uses them: in a terminal and through pipes.

mod anki;
mod bad_input;
mod common;
mod in_the_book;
mod kinds;
mod mock;
mod pipes;
mod proofs;
mod stored;
mod terminal;
