//! The command line around the library.
#![expect(clippy::print_stderr, reason = "an error before logging starts has nowhere else to go")]

use std::process::ExitCode;

use clap::Parser;
use vikrahub_messaging::cli::{self, Cli};

/// Batches of messages are many small allocations on one thread that another frees
/// (docs/adr/0020-allocator.md).
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match actix::System::new().block_on(cli::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vikrahub-messaging: {error}");
            ExitCode::FAILURE
        }
    }
}
