//! The REST interface as clients see it (contract §5).

mod bodies;
mod conversations;
mod creation;
mod history;
mod posting;
mod shapes;
mod unread;
