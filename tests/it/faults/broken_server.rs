//! The server as it must not be: the feature `broken-ack-before-commit` has it answer before the
//! transaction is committed. Only the test of crashes builds it, to see that it would notice.
#![expect(clippy::print_stderr, reason = "an error before logging starts has nowhere else to go")]

use clap::Parser;
use vikrahub_messaging::cli::{self, Cli};

fn main() {
    if let Err(error) = actix::System::new().block_on(cli::run(Cli::parse())) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
