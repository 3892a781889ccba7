//! The server as it must not be: the feature `broken-builds` has it do one of several things wrong,
//! which `BROKEN_BUILD` names. Only tests build it, to see that they would notice.
#![expect(clippy::print_stderr, reason = "an error before logging starts has nowhere else to go")]

use clap::Parser;
use vikrahub_messaging::cli::{self, Cli};

fn main() {
    if let Err(error) = actix::System::new().block_on(cli::run(Cli::parse())) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
